"""Which CRLs are an answer: the issuer's own, complete, for all reasons, of now."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from issuing import DAY, HOUR, NOW, leaf, make, make_crl

from tunnel_gateway.identity.revocation.crl import read_crl
from tunnel_gateway.identity.revocation.unknown import RevocationUnknownError

URL = "http://crl.acme.example/devices.crl"
ROOT = make(cn="Device Root", ca=True, start=-90 * DAY, end=90 * DAY)
GOOD, BAD = leaf(ROOT), leaf(ROOT)
RENEWED, NAMESAKE = make(cn="Device Root", ca=True), make(cn="Device Root", ca=True)
OTHER = make(cn="Other Root", ca=True)
UNKNOWN_EXTENSION = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")


def scope(**options: Any) -> x509.IssuingDistributionPoint:
    fields: dict[str, Any] = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**(fields | options))


def at(url: str) -> list[x509.GeneralName]:
    return [x509.UniformResourceIdentifier(url)]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="plain"),
        pytest.param({"extra": [(x509.CRLNumber(7), False), (UNKNOWN_EXTENSION, False)]}, id="with-a-number"),
        pytest.param({"extra": [(scope(full_name=at(URL)), True)]}, id="of-this-distribution-point"),
        pytest.param({"extra": [(scope(only_contains_user_certs=True), True)]}, id="for-leaves"),
        pytest.param({"entry": [(x509.CRLReason(x509.ReasonFlags.certificate_hold), False)]}, id="on-hold"),
        pytest.param({"signer": RENEWED}, id="signed-with-the-renewed-key"),
    ],
)
def test_list_says_who_is_revoked(options: dict[str, Any]) -> None:
    found = read_crl(make_crl(ROOT, BAD, **options), URL, [ROOT.certificate, RENEWED.certificate], NOW)
    assert found.is_revoked(BAD.certificate.serial_number, is_leaf=True)
    assert not found.is_revoked(GOOD.certificate.serial_number, is_leaf=True)
    assert found.next_update == NOW + DAY


def test_list_may_be_pem() -> None:
    pem = x509.load_der_x509_crl(make_crl(ROOT, BAD)).public_bytes(Encoding.PEM)
    assert read_crl(pem, URL, [ROOT.certificate], NOW).revoked == {BAD.certificate.serial_number}


@pytest.mark.parametrize(
    ("words", "content"),
    [
        pytest.param("signature is not the issuer's", make_crl(ROOT, signer=NAMESAKE), id="another-key"),
        pytest.param("not by the certificate's issuer", make_crl(OTHER), id="another-issuer"),
        pytest.param("out of date", make_crl(ROOT, this_update=-2 * DAY, next_update=-HOUR), id="stale"),
        pytest.param("from the future", make_crl(ROOT, this_update=HOUR), id="from-the-future"),
        pytest.param("delta CRL", make_crl(ROOT, extra=[(x509.DeltaCRLIndicator(6), True)]), id="delta"),
        pytest.param("indirect CRL", make_crl(ROOT, extra=[(scope(indirect_crl=True), True)]), id="indirect"),
        pytest.param(
            "another issuer",
            make_crl(
                ROOT, BAD, entry=[(x509.CertificateIssuer([x509.DirectoryName(OTHER.certificate.subject)]), True)]
            ),
            id="entry-of-another-issuer",
        ),
        pytest.param(
            "some reasons only",
            make_crl(ROOT, extra=[(scope(only_some_reasons=frozenset({x509.ReasonFlags.key_compromise})), True)]),
            id="for-some-reasons",
        ),
        pytest.param(
            "another distribution point",
            make_crl(ROOT, extra=[(scope(full_name=at(URL + "2")), True)]),
            id="of-another-point",
        ),
        pytest.param(
            "another kind",
            make_crl(ROOT, extra=[(scope(only_contains_attribute_certs=True), True)]),
            id="attribute-certificates",
        ),
        pytest.param("not known", make_crl(ROOT, extra=[(UNKNOWN_EXTENSION, True)]), id="critical-extension"),
        pytest.param("not known", make_crl(ROOT, BAD, entry=[(UNKNOWN_EXTENSION, True)]), id="critical-in-an-entry"),
        pytest.param("cannot be read|no CRL", b"<html>not found</html>", id="no-crl"),
        pytest.param("no CRL", make_crl(ROOT)[:-1], id="cut-short"),
        pytest.param("no CRL", b"", id="empty"),
    ],
)
def test_list_is_no_answer(words: str, content: bytes) -> None:
    with pytest.raises(RevocationUnknownError, match=words) as error:
        read_crl(content, URL, [ROOT.certificate], NOW)
    assert URL in str(error.value)


@pytest.mark.parametrize("kind", ["only_contains_ca_certs", "only_contains_user_certs"])
def test_list_for_one_kind_of_certificates_says_nothing_of_the_other(kind: str) -> None:
    found = read_crl(make_crl(ROOT, extra=[(scope(**{kind: True}), True)]), URL, [ROOT.certificate], NOW)
    of_leaves = kind == "only_contains_user_certs"
    assert not found.is_revoked(1, is_leaf=of_leaves)
    with pytest.raises(RevocationUnknownError, match="another kind"):
        found.is_revoked(1, is_leaf=not of_leaves)


def test_issuer_that_may_not_sign_lists_is_not_believed() -> None:
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    issuer = make(cn="Device Root", ca=True, extra=[(usage, True)])
    with pytest.raises(RevocationUnknownError, match="not by the certificate's issuer"):
        read_crl(make_crl(issuer), URL, [issuer.certificate], NOW)


def test_weak_signature_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "tunnel_gateway.identity.revocation.crl.is_weak", lambda digest: isinstance(digest, hashes.SHA256)
    )
    with pytest.raises(RevocationUnknownError, match="MD5 or SHA-1"):
        read_crl(make_crl(ROOT), URL, [ROOT.certificate], NOW)
