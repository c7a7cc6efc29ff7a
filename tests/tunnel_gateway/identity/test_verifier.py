"""From a certificate to a device: the chains, uses, keys and names that are accepted, and the reasons of the others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from issuing import CLIENT, DAY, HOUR, NOW, SERVER, UDID, Pair, make, tampered, uri
from issuing import leaf as issue

from tunnel_gateway.identity import CertificateVerifier, DeviceAuthority, UdidFrom, UdidPlace
from tunnel_gateway.identity.presented import MAX_BYTES, MAX_CHAIN
from tunnel_gateway.reasons import Reason, RefusalError

URI = UdidPlace(UdidFrom.SAN_URI, "urn:uem:device:{udid}")
ROOT = make(cn="Device Root", ca=True, start=-90 * DAY, end=90 * DAY)


def leaf(issuer: Pair = ROOT, **options: Any) -> Pair:
    return issue(issuer, **options)


def other_name(oid: str, text: str = UDID) -> x509.GeneralName:
    return x509.OtherName(x509.ObjectIdentifier(oid), bytes([0x0C, len(text)]) + text.encode())


def upn(text: str) -> x509.GeneralName:
    return other_name("1.3.6.1.4.1.311.20.2.3", text)


def _subject(oid: x509.ObjectIdentifier) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "anna"), x509.NameAttribute(oid, UDID)])


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
        pytest.param(
            UdidPlace(UdidFrom.SAN_EMAIL, "{udid}@devices.example"),
            {"san": [x509.RFC822Name(f"{UDID}@devices.example")]},
            id="san-email",
        ),
        pytest.param(
            UdidPlace(UdidFrom.SAN_UPN, "{udid}@acme.example"), {"san": [upn(f"{UDID}@acme.example")]}, id="san-upn"
        ),
        pytest.param(
            UdidPlace(UdidFrom.SUBJECT_OU, "{udid}"), {"subject": _subject(NameOID.ORGANIZATIONAL_UNIT_NAME)}, id="ou"
        ),
        pytest.param(UdidPlace(UdidFrom.SUBJECT_UID, "{udid}"), {"subject": _subject(NameOID.USER_ID)}, id="uid"),
        pytest.param(
            UdidPlace(UdidFrom.SUBJECT_SERIAL_NUMBER, "{udid}"),
            {"subject": _subject(NameOID.SERIAL_NUMBER)},
            id="serial-number",
        ),
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
        pytest.param(UdidPlace(UdidFrom.SAN_UPN, "{udid}"), {"san": [other_name("1.2.3.4")]}, id="another-other-name"),
        pytest.param(UdidPlace(UdidFrom.SUBJECT_CN, "a.c{udid}"), {"cn": f"abc{UDID}"}, id="pattern-is-no-expression"),
    ],
)
def test_certificate_without_one_device(place: UdidPlace, options: dict[str, Any]) -> None:
    assert reason(leaf(**options), place=place) is Reason.CLIENT_CERTIFICATE_WITHOUT_DEVICE


INTERMEDIATE = make(ROOT, cn="Issuing", ca=True)
NO_PATH = make(ROOT, cn="Issuing", ca=True, path_length=0)
DEEPER = make(NO_PATH, cn="Deeper", ca=True)
OTHER_ROOT = make(cn="Device Root", ca=True)
RSA_ROOT = make(cn="RSA Root", ca=True, key=rsa.generate_private_key(65537, 2048))
RSA_1024 = rsa.generate_private_key(65537, 1024)
MARK = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
OTHER_MARK = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.5"), b"\x05\x00")
FOR_OTHERS = x509.NameConstraints([x509.UniformResourceIdentifier("other.example")], None)
SHA256_WITH_RSA, SHA1_WITH_RSA = bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010105")
UNTRUSTED, WEAK = Reason.CLIENT_CERTIFICATE_UNTRUSTED, Reason.CLIENT_CERTIFICATE_WEAK


def key_usage(**uses: bool) -> x509.KeyUsage:
    names = "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign"
    fields = dict.fromkeys((*names.split(), "crl_sign", "encipher_only", "decipher_only"), False) | uses
    return x509.KeyUsage(**fields)


@pytest.mark.parametrize(
    ("expected", "pair", "chain"),
    [
        pytest.param(UNTRUSTED, make(san=[uri()], eku=[CLIENT]), [], id="self-signed"),
        pytest.param(UNTRUSTED, leaf(OTHER_ROOT), [], id="root-of-the-same-name"),
        pytest.param(UNTRUSTED, leaf(OTHER_ROOT), [OTHER_ROOT], id="root-brought-along"),
        pytest.param(UNTRUSTED, leaf(INTERMEDIATE), [], id="intermediate-left-out"),
        pytest.param(UNTRUSTED, leaf(leaf()), [leaf()], id="issued-by-a-device"),
        pytest.param(UNTRUSTED, leaf(make(NO_PATH, cn="Deeper", ca=True)), [DEEPER, NO_PATH], id="another-key"),
        pytest.param(UNTRUSTED, leaf(DEEPER), [DEEPER, NO_PATH], id="path-length"),
        pytest.param(UNTRUSTED, leaf(eku=[SERVER]), [], id="server-eku"),
        pytest.param(UNTRUSTED, leaf(eku=None), [], id="no-eku"),
        pytest.param(UNTRUSTED, leaf(eku=[ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]), [], id="any-eku"),
        pytest.param(UNTRUSTED, leaf(ca=True), [], id="an-authority"),
        pytest.param(UNTRUSTED, ROOT, [], id="the-authority-itself"),
        pytest.param(UNTRUSTED, leaf(extra=[(key_usage(key_encipherment=True), True)]), [], id="key-usage"),
        pytest.param(UNTRUSTED, leaf(extra=[(MARK, True)]), [], id="unknown-critical-extension"),
        pytest.param(
            UNTRUSTED,
            tampered(leaf(extra=[(MARK, False), (OTHER_MARK, False)]), ROOT, b"\x2a\x03\x05", b"\x2a\x03\x04"),
            [],
            id="duplicate-extension",
        ),
        pytest.param(
            UNTRUSTED,
            leaf(extra=[(x509.UnrecognizedExtension(MARK.oid, bytes(MAX_BYTES)), False)]),
            [],
            id="oversized",
        ),
        pytest.param(UNTRUSTED, leaf(INTERMEDIATE), [INTERMEDIATE] * MAX_CHAIN, id="endless-chain"),
        pytest.param(Reason.CLIENT_CERTIFICATE_EXPIRED, leaf(end=timedelta(seconds=-1)), [], id="expired"),
        pytest.param(Reason.CLIENT_CERTIFICATE_NOT_YET_VALID, leaf(start=timedelta(hours=1)), [], id="not-yet"),
        pytest.param(WEAK, leaf(key=RSA_1024), [], id="rsa-1024"),
        pytest.param(WEAK, leaf(key=ec.generate_private_key(ec.SECP192R1())), [], id="ec-192"),
        pytest.param(WEAK, leaf(key=dsa.generate_private_key(1024)), [], id="dsa"),
        pytest.param(
            WEAK, tampered(leaf(RSA_ROOT), RSA_ROOT, SHA256_WITH_RSA, SHA1_WITH_RSA, hashes.SHA1()), [], id="sha-1"
        ),
    ],
)
def test_chain_is_refused(expected: Reason, pair: Pair, chain: list[Pair]) -> None:
    """Each with a new handshake, and as what a resumed session presents after it."""
    verifier = CertificateVerifier([DeviceAuthority(root.certificate, URI) for root in (ROOT, RSA_ROOT)])
    for presented in (chain, []):
        with pytest.raises(RefusalError) as refusal:
            verifier.identify(pair.der, [each.der for each in presented], NOW)
        assert refusal.value.reason is (expected if presented is chain or not chain else UNTRUSTED)


@pytest.mark.parametrize(
    ("expected", "options"),
    [
        pytest.param(Reason.CLIENT_CERTIFICATE_EXPIRED, {"end": timedelta(seconds=-1)}, id="expired"),
        pytest.param(Reason.CLIENT_CERTIFICATE_NOT_YET_VALID, {"start": timedelta(hours=1)}, id="not-yet"),
        pytest.param(UNTRUSTED, {"ca": False}, id="no-authority"),
        pytest.param(UNTRUSTED, {"eku": [SERVER]}, id="for-servers-only"),
        pytest.param(UNTRUSTED, {"extra": [(key_usage(digital_signature=True), True)]}, id="may-not-issue"),
        pytest.param(UNTRUSTED, {"extra": [(FOR_OTHERS, True)]}, id="name-constraints"),
        pytest.param(UNTRUSTED, {"extra": [(MARK, True)]}, id="unknown-critical-extension"),
        pytest.param(WEAK, {"key": RSA_1024}, id="weak-key"),
    ],
)
def test_intermediate_is_judged_too(expected: Reason, options: dict[str, Any]) -> None:
    intermediate = make(ROOT, **({"cn": "Issuing", "ca": True} | options))
    assert reason(leaf(intermediate), [intermediate]) is expected


def test_weak_signature_of_an_intermediate_is_refused() -> None:
    plain = make(RSA_ROOT, cn="Issuing", ca=True)
    weak = tampered(plain, RSA_ROOT, SHA256_WITH_RSA, SHA1_WITH_RSA, hashes.SHA1())
    assert reason(leaf(plain), [weak], root=RSA_ROOT) is WEAK


@pytest.mark.parametrize("key", [RSA_ROOT.key, ed25519.Ed25519PrivateKey.generate()], ids=["rsa-2048", "ed25519"])
def test_other_strong_keys_are_accepted(key: Any) -> None:
    assert identify(leaf(key=key)).udid == UDID


def test_what_was_accepted_is_judged_again_by_the_time() -> None:
    """A verified chain is kept; an intermediate that ends before its device's certificate ends it, too."""
    intermediate = make(ROOT, cn="Issuing", ca=True, start=-HOUR, end=HOUR)
    pair = leaf(intermediate)
    verifier = CertificateVerifier([DeviceAuthority(ROOT.certificate, URI)])
    assert verifier.identify(pair.der, [intermediate.der], NOW).not_after == NOW + HOUR
    for now, expected in (
        (NOW + 2 * HOUR, Reason.CLIENT_CERTIFICATE_EXPIRED),
        (NOW - 2 * HOUR, Reason.CLIENT_CERTIFICATE_NOT_YET_VALID),
    ):
        for chain in ([intermediate.der], []):
            with pytest.raises(RefusalError) as refusal:
                verifier.identify(pair.der, chain, now)
            assert refusal.value.reason is expected
    assert verifier.identify(pair.der, [], NOW).udid == UDID


def test_authority_under_another_one_speaks_for_its_own() -> None:
    """The nearest configured authority says where the UDID stands."""
    by_name = UdidPlace(UdidFrom.SUBJECT_CN, "{udid}")
    verifier = CertificateVerifier(
        [DeviceAuthority(ROOT.certificate, URI), DeviceAuthority(INTERMEDIATE.certificate, by_name)]
    )
    assert verifier.identify(leaf(INTERMEDIATE, cn="0123456789ab").der, [], NOW).udid == "0123456789ab"
    assert verifier.identify(leaf().der, [], NOW).udid == UDID


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


def test_intermediates_of_a_verified_chain_serve_its_resumed_sessions() -> None:
    """A resumed session carries the leaf alone."""
    verifier = CertificateVerifier([DeviceAuthority(ROOT.certificate, URI)])
    pair = leaf(INTERMEDIATE)
    with pytest.raises(RefusalError):
        verifier.identify(pair.der, [], NOW)
    verifier.identify(pair.der, [INTERMEDIATE.der], NOW)
    assert verifier.identify(pair.der, [], NOW).udid == UDID
    with_another_place = DeviceAuthority(ROOT.certificate, UdidPlace(UdidFrom.SAN_URI, "{udid}"))
    for authority, expected in (
        (DeviceAuthority(OTHER_ROOT.certificate, URI), UNTRUSTED),
        (with_another_place, Reason.CLIENT_CERTIFICATE_WITHOUT_DEVICE),
    ):
        reloaded = CertificateVerifier([authority], verifier.intermediates)
        with pytest.raises(RefusalError) as refusal:
            reloaded.identify(pair.der, [], NOW)
        assert refusal.value.reason is expected
    also_reloaded = CertificateVerifier(verifier.authorities, verifier.intermediates)
    assert also_reloaded.identify(pair.der, [], NOW).udid == UDID


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


def test_renewed_root_above_an_intermediate_is_tried_with_both() -> None:
    renewed = make(cn="Device Root", ca=True)
    for first, second in ((ROOT, renewed), (renewed, ROOT)):
        verifier = CertificateVerifier([DeviceAuthority(each.certificate, URI) for each in (first, second, RSA_ROOT)])
        for root in (first, second):
            issuing = make(root, cn="Issuing", ca=True)
            assert verifier.identify(leaf(issuing).der, [issuing.der], NOW).udid == UDID
        expired = leaf(first, end=timedelta(seconds=-1))
        with pytest.raises(RefusalError) as refusal:
            verifier.identify(expired.der, [], NOW)
        assert refusal.value.reason is Reason.CLIENT_CERTIFICATE_EXPIRED


def test_each_authority_has_a_place_of_its_own() -> None:
    second = make(cn="Second Root", ca=True)
    by_name = UdidPlace(UdidFrom.SUBJECT_CN, "{udid}")
    verifier = CertificateVerifier(
        [DeviceAuthority(ROOT.certificate, URI), DeviceAuthority(second.certificate, by_name)]
    )
    assert verifier.identify(leaf(second, cn="0123456789ab", san=None).der, [], NOW).udid == "0123456789ab"
    with pytest.raises(RefusalError):  # the first authority's certificates are not read at the second's place
        verifier.identify(leaf(cn="0123456789ab", san=None).der, [], NOW)
