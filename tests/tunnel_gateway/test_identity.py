"""From a certificate to a device: the chains, uses, keys and names that are accepted, and the reasons of the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tunnel_gateway.identity import CertificateVerifier, DeviceAuthority, UdidFrom, UdidPlace
from tunnel_gateway.identity.presented import MAX_CHAIN
from tunnel_gateway.reasons import Reason, RefusalError

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
UDID = "00008110-000A1C2E3F40801E"
URI = UdidPlace(UdidFrom.SAN_URI, "urn:uem:device:{udid}")
CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH


@dataclass
class Pair:
    certificate: x509.Certificate
    key: Any

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


def make(
    issuer: Pair | None = None,
    *,
    cn: str = "phone",
    ca: bool = False,
    path_length: int | None = None,
    key: Any = None,
    san: list[x509.GeneralName] | None = None,
    eku: list[x509.ObjectIdentifier] | None = None,
    start: timedelta = timedelta(days=-1),
    end: timedelta = timedelta(days=1),
    extra: list[tuple[x509.ExtensionType, bool]] | None = None,
) -> Pair:
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, cn)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + start)
        .not_valid_after(NOW + end)
        .add_extension(x509.BasicConstraints(ca, path_length), critical=True)
    )
    if san:
        builder = builder.add_extension(x509.SubjectAlternativeName(san), critical=False)
    if eku:
        builder = builder.add_extension(x509.ExtendedKeyUsage(eku), critical=False)
    for extension, critical in extra or []:
        builder = builder.add_extension(extension, critical)
    signer = issuer.key if issuer else key
    algorithm = None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return Pair(builder.sign(signer, algorithm), key)


def uri(udid: str = UDID) -> x509.GeneralName:
    return x509.UniformResourceIdentifier(f"urn:uem:device:{udid}")


ROOT = make(cn="Device Root", ca=True)


def leaf(issuer: Pair = ROOT, **options: Any) -> Pair:
    return make(issuer, **({"san": [uri()], "eku": [CLIENT]} | options))


def identify(pair: Pair, chain: list[Pair] | None = None, *, place: UdidPlace = URI, root: Pair = ROOT) -> Any:
    verifier = CertificateVerifier([DeviceAuthority(root.certificate, place)])
    return verifier.identify(pair.der, [each.der for each in chain or []], NOW)


def reason(*arguments: Any, **options: Any) -> Reason:
    with pytest.raises(RefusalError) as refusal:
        identify(*arguments, **options)
    return refusal.value.reason


def test_device_is_named() -> None:
    pair = leaf()
    found = identify(pair)
    assert found.udid == UDID
    assert found.thumbprint == pair.certificate.fingerprint(hashes.SHA1()).hex()
    assert found.not_after == NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("place", "options"),
    [
        pytest.param(UdidPlace(UdidFrom.SAN_DNS, "UDID={udid}"), {"san": [x509.DNSName(f"UDID={UDID}")]}, id="san-dns"),
        pytest.param(UdidPlace(UdidFrom.SUBJECT_CN, "{udid}"), {"cn": UDID}, id="subject"),
        pytest.param(UdidPlace(UdidFrom.SUBJECT_CN, "anna:{udid}:ios"), {"cn": f"anna:{UDID}:ios"}, id="inside-text"),
        pytest.param(URI, {"san": [uri(), uri(), x509.DNSName("anything")]}, id="the-same-twice"),
    ],
)
def test_udid_stands_where_it_is_configured(place: UdidPlace, options: dict[str, Any]) -> None:
    assert identify(leaf(**options), place=place).udid == UDID


@pytest.mark.parametrize(
    ("place", "options"),
    [
        pytest.param(URI, {"san": None}, id="nowhere"),
        pytest.param(URI, {"san": [x509.DNSName(f"urn:uem:device:{UDID}")]}, id="in-another-kind-of-name"),
        pytest.param(URI, {"san": [uri(), uri("0123456789abcdef")]}, id="two-devices"),
        pytest.param(URI, {"san": [uri("short")]}, id="too-short"),
        pytest.param(URI, {"san": [uri(UDID + "/x")]}, id="more-behind-it"),
        pytest.param(UdidPlace(UdidFrom.SUBJECT_CN, "a.c{udid}"), {"cn": f"abc{UDID}"}, id="pattern-is-no-expression"),
    ],
)
def test_certificate_without_one_device(place: UdidPlace, options: dict[str, Any]) -> None:
    assert reason(leaf(**options), place=place) is Reason.CLIENT_CERTIFICATE_WITHOUT_DEVICE


INTERMEDIATE = make(ROOT, cn="Issuing", ca=True)
NO_PATH = make(ROOT, cn="Issuing", ca=True, path_length=0)
OTHER_ROOT = make(cn="Device Root", ca=True)


@pytest.mark.parametrize(
    ("expected", "pair", "chain"),
    [
        pytest.param(Reason.CLIENT_CERTIFICATE_UNTRUSTED, make(san=[uri()], eku=[CLIENT]), [], id="self-signed"),
        pytest.param(Reason.CLIENT_CERTIFICATE_UNTRUSTED, leaf(OTHER_ROOT), [], id="root-of-the-same-name"),
        pytest.param(Reason.CLIENT_CERTIFICATE_UNTRUSTED, leaf(OTHER_ROOT), [OTHER_ROOT], id="root-brought-along"),
        pytest.param(Reason.CLIENT_CERTIFICATE_UNTRUSTED, leaf(INTERMEDIATE), [], id="intermediate-left-out"),
        pytest.param(Reason.CLIENT_CERTIFICATE_UNTRUSTED, leaf(leaf()), [leaf()], id="issued-by-a-device"),
        pytest.param(
            Reason.CLIENT_CERTIFICATE_UNTRUSTED,
            leaf(make(NO_PATH, cn="Deeper", ca=True)),
            [make(NO_PATH, cn="Deeper", ca=True), NO_PATH],
            id="chain-of-another-key",
        ),
        pytest.param(Reason.CLIENT_CERTIFICATE_UNTRUSTED, leaf(eku=[SERVER]), [], id="server-eku"),
        pytest.param(Reason.CLIENT_CERTIFICATE_UNTRUSTED, leaf(eku=None), [], id="no-eku"),
        pytest.param(Reason.CLIENT_CERTIFICATE_UNTRUSTED, leaf(ca=True), [], id="an-authority"),
        pytest.param(
            Reason.CLIENT_CERTIFICATE_UNTRUSTED,
            leaf(extra=[(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True)]),
            [],
            id="unknown-critical-extension",
        ),
        pytest.param(Reason.CLIENT_CERTIFICATE_EXPIRED, leaf(end=timedelta(seconds=-1)), [], id="expired"),
        pytest.param(Reason.CLIENT_CERTIFICATE_NOT_YET_VALID, leaf(start=timedelta(hours=1)), [], id="not-yet"),
        pytest.param(
            Reason.CLIENT_CERTIFICATE_WEAK,
            leaf(key=rsa.generate_private_key(65537, 1024)),
            [],
            id="rsa-1024",
        ),
        pytest.param(
            Reason.CLIENT_CERTIFICATE_WEAK, leaf(key=ec.generate_private_key(ec.SECP192R1())), [], id="ec-192"
        ),
    ],
)
def test_chain_is_refused(expected: Reason, pair: Pair, chain: list[Pair]) -> None:
    assert reason(pair, chain) is expected


@pytest.mark.parametrize(
    ("expected", "options"),
    [
        pytest.param(Reason.CLIENT_CERTIFICATE_EXPIRED, {"end": timedelta(seconds=-1)}, id="expired-intermediate"),
        pytest.param(Reason.CLIENT_CERTIFICATE_UNTRUSTED, {"ca": False}, id="intermediate-that-is-no-authority"),
        pytest.param(Reason.CLIENT_CERTIFICATE_UNTRUSTED, {"eku": [SERVER]}, id="intermediate-for-servers-only"),
        pytest.param(
            Reason.CLIENT_CERTIFICATE_UNTRUSTED,
            {"extra": [(x509.NameConstraints([x509.UniformResourceIdentifier("other.example")], None), True)]},
            id="name-constraints",
        ),
        pytest.param(
            Reason.CLIENT_CERTIFICATE_WEAK,
            {"key": rsa.generate_private_key(65537, 1024)},
            id="weak-intermediate",
        ),
    ],
)
def test_intermediate_is_judged_too(expected: Reason, options: dict[str, Any]) -> None:
    intermediate = make(ROOT, **({"cn": "Issuing", "ca": True} | options))
    assert reason(leaf(intermediate), [intermediate]) is expected


def test_path_length_counts() -> None:
    deeper = make(NO_PATH, cn="Deeper", ca=True)
    assert reason(leaf(deeper), [deeper, NO_PATH]) is Reason.CLIENT_CERTIFICATE_UNTRUSTED


@pytest.mark.parametrize("key", [rsa.generate_private_key(65537, 2048), ed25519.Ed25519PrivateKey.generate()])
def test_other_strong_keys_are_accepted(key: Any) -> None:
    assert identify(leaf(key=key)).udid == UDID


def test_authority_may_be_an_intermediate() -> None:
    assert identify(leaf(INTERMEDIATE), root=INTERMEDIATE).udid == UDID
    assert reason(leaf(), root=INTERMEDIATE) is Reason.CLIENT_CERTIFICATE_UNTRUSTED


def test_missing_and_unreadable_certificates() -> None:
    verifier = CertificateVerifier([DeviceAuthority(ROOT.certificate, URI)])
    for presented, expected in (
        (None, Reason.CLIENT_CERTIFICATE_MISSING),
        (b"\x30\x00", Reason.CLIENT_CERTIFICATE_UNTRUSTED),
        (leaf().der[:-1], Reason.CLIENT_CERTIFICATE_UNTRUSTED),
    ):
        with pytest.raises(RefusalError) as refusal:
            verifier.identify(presented, [], NOW)
        assert refusal.value.reason is expected


def test_endless_chain_is_refused() -> None:
    assert reason(leaf(), [INTERMEDIATE] * MAX_CHAIN) is Reason.CLIENT_CERTIFICATE_UNTRUSTED


def test_intermediates_of_a_verified_chain_serve_its_resumed_sessions() -> None:
    """A resumed session carries the leaf alone."""
    verifier = CertificateVerifier([DeviceAuthority(ROOT.certificate, URI)])
    pair = leaf(INTERMEDIATE)
    with pytest.raises(RefusalError):
        verifier.identify(pair.der, [], NOW)
    verifier.identify(pair.der, [INTERMEDIATE.der], NOW)
    assert verifier.identify(pair.der, [], NOW).udid == UDID
    without_its_authority = CertificateVerifier([DeviceAuthority(OTHER_ROOT.certificate, URI)])
    with pytest.raises(RefusalError):
        without_its_authority.identify(pair.der, [], NOW)


def test_authority_with_a_renewed_key_is_tried_with_both() -> None:
    """Two authorities of one name, and certificates that do not say which key signed them."""
    renewed = make(cn="Device Root", ca=True)
    for first, second in ((ROOT, renewed), (renewed, ROOT)):
        verifier = CertificateVerifier(
            [DeviceAuthority(first.certificate, URI), DeviceAuthority(second.certificate, URI)]
        )
        for issuer in (first, second):
            assert verifier.identify(leaf(issuer).der, [], NOW).udid == UDID
        with pytest.raises(RefusalError):
            verifier.identify(leaf(OTHER_ROOT).der, [], NOW)


def test_each_authority_has_a_place_of_its_own() -> None:
    second = make(cn="Second Root", ca=True)
    by_name = UdidPlace(UdidFrom.SUBJECT_CN, "{udid}")
    verifier = CertificateVerifier(
        [DeviceAuthority(ROOT.certificate, URI), DeviceAuthority(second.certificate, by_name)]
    )
    assert verifier.identify(leaf(second, cn="0123456789ab", san=None).der, [], NOW).udid == "0123456789ab"
    with pytest.raises(RefusalError):  # the first authority's certificates are not read at the second's place
        verifier.identify(leaf(cn="0123456789ab", san=None).der, [], NOW)
