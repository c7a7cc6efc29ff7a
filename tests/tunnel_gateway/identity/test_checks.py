"""The list of all checks of a chain: each has its outcome, whatever came of the others."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from issuing import CLIENT, DAY, HOUR, NOW, SERVER, UDID, Pair, distribution_point, leaf, make, make_crl, uri

from tunnel_gateway.identity import AllowList, Carried, CertificateVerifier, DeviceAuthority, UdidFrom, UdidPlace
from tunnel_gateway.identity.checks import Check, Known, Outcome, check_chain
from tunnel_gateway.identity.newest import Newest
from tunnel_gateway.identity.revocation.checker import RevocationChecker
from tunnel_gateway.identity.revocation.policy import RevocationMode, RevocationPolicy
from tunnel_gateway.identity.revocation.unknown import RevocationUnknownError

ROOT = make(cn="Device Root", ca=True, start=-90 * DAY, end=90 * DAY)
INTERMEDIATE = make(ROOT, cn="Issuing", ca=True)
POINT = distribution_point("http://crl.acme.example/crl")
PHONE = leaf(ROOT, extra=[POINT])
POLICY = RevocationPolicy(RevocationMode.HARD, frozenset({"crl.acme.example"}))
NAMES = ["chain", "authority", "validity", "usage", "key", "signature", "profile", "udid", "revocation"]
NAMES += ["newest", "allow-list"]


class Answering:
    """The authority's web server."""

    def __init__(self, *revoked: Pair, silent: bool = False) -> None:
        self.revoked, self.silent = revoked, silent

    async def __call__(self, url: str, **_: Any) -> bytes:
        if self.silent:
            raise RevocationUnknownError(f"{url} did not answer within 5 s")
        return make_crl(ROOT, *self.revoked)


def checks(
    *pairs: Pair, policy: RevocationPolicy = POLICY, carried: Carried | None = None, **known: Any
) -> list[Check]:
    place = UdidPlace(UdidFrom.SAN_URI, "urn:uem:device:{udid}")
    verifier = CertificateVerifier([DeviceAuthority(ROOT.certificate, place, carried or Carried(), policy)])
    fields: dict[str, Any] = {"newest": lambda udid: None} | known
    return asyncio.run(check_chain([each.certificate for each in pairs], verifier, Known(**fields), NOW))


def asking(*revoked: Pair, silent: bool = False) -> RevocationChecker:
    return RevocationChecker(Answering(*revoked, silent=silent), clock=lambda: NOW)


def test_every_check_of_a_good_certificate_passes() -> None:
    thumbprint = hashlib.sha1(PHONE.der).hexdigest()
    found = checks(PHONE, revocation=asking(), allow_list=AllowList(frozenset({thumbprint})))
    assert [check.name for check in found] == NAMES
    assert {check.outcome for check in found} == {Outcome.PASSED}
    words = {check.name: check.words for check in found}
    assert words["authority"] == "CN=Device Root"
    assert words["validity"] == "until 2026-11-24 12:00 UTC"
    assert words["key"] == "EC secp256r1"
    assert words["signature"] == "SHA256"
    assert words["udid"] == f"{UDID} (san-uri)"


EXPIRED = leaf(ROOT, end=-HOUR, start=-DAY)


@pytest.mark.parametrize(
    ("refused", "found"),
    [
        pytest.param({"validity": "client-certificate-expired"}, lambda: checks(EXPIRED), id="expired"),
        pytest.param(
            {"validity": "client-certificate-not-yet-valid"}, lambda: checks(leaf(ROOT, start=HOUR)), id="not-yet"
        ),
        pytest.param(
            {"validity": "client-certificate-expired", "usage": "client-certificate-untrusted"},
            lambda: checks(leaf(ROOT, end=-HOUR, eku=[SERVER])),
            id="two-at-once",
        ),
        pytest.param({"chain": "client-certificate-untrusted"}, lambda: checks(leaf(INTERMEDIATE)), id="no-chain"),
        pytest.param(
            {"chain": "client-certificate-untrusted", "usage": "client-certificate-untrusted"},
            lambda: checks(make(san=[uri()], eku=[SERVER])),
            id="self-signed",
        ),
        pytest.param(
            {"key": "client-certificate-weak"},
            lambda: checks(leaf(ROOT, key=ec.generate_private_key(ec.SECP192R1()))),
            id="weak-key",
        ),
        pytest.param(
            {"profile": "client-certificate-untrusted"},
            lambda: checks(PHONE, carried=Carried(template="1.2.3")),
            id="profile",
        ),
        pytest.param({"udid": "client-certificate-without-device"}, lambda: checks(leaf(ROOT, san=None)), id="nobody"),
        pytest.param(
            {"revocation": "client-certificate-revoked"}, lambda: checks(PHONE, revocation=asking(PHONE)), id="revoked"
        ),
        pytest.param(
            {"newest": "client-certificate-superseded"},
            lambda: checks(PHONE, newest=lambda udid: Newest(NOW, "another")),
            id="superseded",
        ),
        pytest.param(
            {"allow-list": "client-certificate-untrusted"},
            lambda: checks(PHONE, allow_list=AllowList(frozenset({"00" * 20}))),
            id="not-on-the-list",
        ),
    ],
)
def test_what_a_certificate_is_refused_for(refused: dict[str, str], found: Any) -> None:
    result = found()
    assert {check.name: check.reason for check in result if check.outcome is Outcome.REFUSED} == refused
    assert sorted({check.name for check in result}) == sorted(NAMES)


@pytest.mark.parametrize(
    ("outcome", "reason", "mode"),
    [
        (Outcome.UNKNOWN, "client-certificate-revocation-unknown", RevocationMode.HARD),
        (Outcome.UNKNOWN, None, RevocationMode.SOFT),
        (Outcome.SKIPPED, None, RevocationMode.OFF),
    ],
)
def test_no_answer_about_revocation(outcome: Outcome, reason: str | None, mode: RevocationMode) -> None:
    policy = RevocationPolicy(mode, POLICY.hosts)
    (found,) = (
        check for check in checks(PHONE, policy=policy, revocation=asking(silent=True)) if check.name == "revocation"
    )
    assert (found.outcome, found.reason) == (outcome, reason)


def test_each_certificate_of_the_chain_is_asked_about() -> None:
    issuing = make(ROOT, cn="Issuing", ca=True, extra=[POINT])
    found = checks(leaf(issuing), issuing, revocation=asking(issuing))
    assert [(check.outcome, check.words.partition(":")[0]) for check in found if check.name == "revocation"] == [
        (Outcome.UNKNOWN, "CN=phone"),
        (Outcome.REFUSED, "CN=Issuing has been revoked"),
    ]


def test_certificate_that_cannot_be_read_has_every_check_too() -> None:
    twice = x509.SubjectAlternativeName([uri()])
    odd = make(ROOT, eku=[CLIENT], extra=[(x509.UnrecognizedExtension(twice.oid, b"\x30\x03junk"), False)])
    found = checks(odd)
    assert {check.name for check in found} == set(NAMES)
    assert Outcome.REFUSED in {check.outcome for check in found}
