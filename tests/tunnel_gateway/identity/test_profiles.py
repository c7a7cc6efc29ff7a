"""Certificates in the shapes that device authorities give them: the UEM's own, NDES with SCEP, and AD CS."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from issuing import CLIENT, NOW, SERVER, UDID, Pair, distribution_point, make, responder_at, uri

from tunnel_gateway.identity import Carried, CertificateVerifier, DeviceAuthority, UdidFrom, UdidPlace
from tunnel_gateway.identity.revocation.endpoints import Endpoints, endpoints_of
from tunnel_gateway.reasons import Reason, RefusalError

RSA_KEY = rsa.generate_private_key(65537, 2048)
DEVICE_TEMPLATE, WEB_TEMPLATE = "1.3.6.1.4.1.311.21.8.1.2.3.4", "1.3.6.1.4.1.311.21.8.1.2.3.5"
POLICY = "1.3.6.1.4.1.99999.1"
SMARTCARD = "1.3.6.1.4.1.311.20.2.2"


def other(oid: str, der: bytes, *, critical: bool = False) -> tuple[x509.ExtensionType, bool]:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), der), critical


def key_usage(*, critical: bool) -> tuple[x509.ExtensionType, bool]:
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=True,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return usage, critical


UEM_CA = make(cn="Device Services CA", ca=True)
NDES_CA = make(cn="acme-NDES-CA", ca=True, key=RSA_KEY)
ENTERPRISE_ROOT = make(cn="acme-ROOT-CA", ca=True)
ENTERPRISE_CA = make(
    ENTERPRISE_ROOT, cn="acme-ISSUING-CA", ca=True, extra=[other("1.3.6.1.4.1.311.21.1", b"\x02\x01\x00")]
)


def by_uem(**options: Any) -> Pair:
    """The UEM's built-in authority: the device in a URI."""
    key = RSA_KEY
    extra = [
        key_usage(critical=True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(UEM_CA.key.public_key()), False),
    ]
    return make(UEM_CA, **({"cn": "anna", "key": key, "san": [uri()], "eku": [CLIENT], "extra": extra} | options))


def by_ndes(**options: Any) -> Pair:
    """SCEP through NDES: the device alone in the subject, no key identifiers, a template of version 1 by name."""
    name = "DeviceTunnel".encode("utf-16-be")
    extra = [
        key_usage(critical=False),
        other("1.3.6.1.4.1.311.20.2", bytes([0x1E, len(name)]) + name),
        other("1.2.840.113549.1.9.15", bytes.fromhex("300c300a06082a864886f70d0307")),  # S/MIME capabilities
    ]
    return make(NDES_CA, **({"cn": UDID, "key": RSA_KEY, "eku": [CLIENT], "extra": extra} | options))


def by_ad_cs(template: str = DEVICE_TEMPLATE, **options: Any) -> Pair:
    """AD CS for a user on a device: the user's principal name, the device in an OU, Microsoft's extensions."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.DOMAIN_COMPONENT, "example"),
            x509.NameAttribute(NameOID.DOMAIN_COMPONENT, "acme"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, UDID),
            x509.NameAttribute(NameOID.COMMON_NAME, "Anna Berg"),
        ]
    )
    upn = b"\x0c\x11anna@acme.example"
    sid = bytes.fromhex("3010a00e060a2b060104018237190201a000")
    extra = [
        (x509.MSCertificateTemplate(x509.ObjectIdentifier(template), 100, 4), False),
        other("1.3.6.1.4.1.311.21.10", bytes.fromhex("300c300a06082b06010505070302")),  # application policies
        other("1.3.6.1.4.1.311.25.2", sid),  # the security identifier (KB5014754)
        key_usage(critical=True),
        (x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(POLICY), None)]), False),
        distribution_point(
            "ldap:///CN=acme-ISSUING-CA,CN=CDP?certificateRevocationList", "http://crl.acme.example/i.crl"
        ),
        responder_at("http://ocsp.acme.example/ocsp"),
    ]
    fields: dict[str, Any] = {
        "subject": subject,
        "key": RSA_KEY,
        "san": [x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), upn)],
        "eku": [x509.ObjectIdentifier(SMARTCARD), CLIENT],
        "extra": extra,
    }
    return make(ENTERPRISE_CA, **(fields | options))


VERIFIER = CertificateVerifier(
    [
        DeviceAuthority(UEM_CA.certificate, UdidPlace(UdidFrom.SAN_URI, "urn:uem:device:{udid}")),
        DeviceAuthority(
            NDES_CA.certificate, UdidPlace(UdidFrom.SUBJECT_CN, "{udid}"), Carried(template="DeviceTunnel")
        ),
        DeviceAuthority(
            ENTERPRISE_ROOT.certificate,
            UdidPlace(UdidFrom.SUBJECT_OU, "{udid}"),
            Carried(DEVICE_TEMPLATE, frozenset({POLICY, "1.2.3"}), frozenset({SMARTCARD})),
        ),
    ]
)


@pytest.mark.parametrize(
    ("pair", "chain"),
    [
        pytest.param(by_uem(), [], id="uem"),
        pytest.param(by_ndes(), [], id="ndes"),
        pytest.param(by_ad_cs(), [ENTERPRISE_CA], id="ad-cs"),
    ],
)
def test_device_is_found_in_each_shape(pair: Pair, chain: list[Pair]) -> None:
    assert VERIFIER.identify(pair.der, [each.der for each in chain], NOW).udid == UDID


NAME = "Web".encode("utf-16-be")


@pytest.mark.parametrize(
    ("words", "pair"),
    [
        pytest.param("template", by_ad_cs(WEB_TEMPLATE), id="another-template"),
        pytest.param("template", by_ad_cs(extra=[]), id="no-template"),
        pytest.param(
            "policies",
            by_ad_cs(extra=[(x509.MSCertificateTemplate(x509.ObjectIdentifier(DEVICE_TEMPLATE), 100, 4), False)]),
            id="no-policy",
        ),
        pytest.param("extended key usage", by_ad_cs(eku=[CLIENT]), id="extended-key-usage-is-not-there"),
        pytest.param("no EKU clientAuth", by_ad_cs(eku=[SERVER]), id="for-servers"),
        pytest.param("template", by_ndes(extra=[]), id="scep-without-template"),
        pytest.param(
            "template",
            by_ndes(extra=[other("1.3.6.1.4.1.311.20.2", b"\x1e\x06" + NAME)]),
            id="scep-by-another-template",
        ),
        pytest.param(
            "cannot be read",
            by_ndes(extra=[other("1.3.6.1.4.1.311.20.2", b"\x1e\x99" + NAME)]),
            id="template-unreadable",
        ),
        pytest.param(
            "no EKU clientAuth",
            by_ndes(eku=[x509.ObjectIdentifier("1.3.6.1.5.5.8.2.2")]),
            id="the-template-that-ndes-comes-with",
        ),
        pytest.param("no EKU clientAuth", by_uem(eku=[ExtendedKeyUsageOID.EMAIL_PROTECTION]), id="for-mail"),
    ],
)
def test_what_an_authority_issues_for_others_is_refused(words: str, pair: Pair) -> None:
    with pytest.raises(RefusalError, match=words) as refusal:
        VERIFIER.identify(pair.der, [ENTERPRISE_CA.der], NOW)
    assert refusal.value.reason is Reason.CLIENT_CERTIFICATE_UNTRUSTED


@pytest.mark.parametrize(
    ("url", "hosts", "asked"),
    [
        ("http://crl.acme.example/i.crl", {"crl.acme.example"}, True),
        ("https://CRL.acme.example/i.crl", {"crl.acme.example"}, True),
        ("http://crl.acme.example:80/i.crl", {"crl.acme.example:80"}, True),
        ("http://crl.acme.example:8080/i.crl", {"crl.acme.example:8080"}, True),
        ("http://[2001:db8::1]/i.crl", {"[2001:db8::1]"}, True),
        ("http://crl.acme.example:8080/i.crl", {"crl.acme.example"}, False),
        ("http://crl.acme.example/i.crl", {"crl.acme.example:8080"}, False),
        ("http://x.crl.acme.example/i.crl", {"crl.acme.example"}, False),
        ("http://crl.acme.example@evil.example/i.crl", {"crl.acme.example"}, False),
        ("http://evil.example/#crl.acme.example", {"crl.acme.example"}, False),
        ("ftp://crl.acme.example/i.crl", {"crl.acme.example"}, False),
        ("http://crl.acme.example:99999/i.crl", {"crl.acme.example"}, False),
        ("http:///i.crl", {"crl.acme.example", ""}, False),
    ],
)
def test_only_configured_hosts_are_asked(url: str, hosts: set[str], asked: bool) -> None:
    assert Endpoints((url,), (url,)).on(frozenset(hosts)) == (Endpoints((url,), (url,)) if asked else Endpoints())


@pytest.mark.parametrize(
    "options",
    [
        {"reasons": frozenset({x509.ReasonFlags.key_compromise})},
        {"crl_issuer": [x509.DirectoryName(UEM_CA.certificate.subject)]},
    ],
    ids=["some-reasons", "indirect"],
)
def test_distribution_point_of_another_kind_is_not_asked(options: dict[str, Any]) -> None:
    point = distribution_point("http://crl.acme.example/i.crl", **options)
    assert endpoints_of(by_uem(extra=[point]).certificate) == Endpoints()


def test_revocation_is_asked_for_where_the_certificate_says_so_and_the_operator_agrees() -> None:
    endpoints = endpoints_of(by_ad_cs().certificate)
    assert endpoints.crl[1:] == ("http://crl.acme.example/i.crl",)
    allowed = endpoints.on(frozenset({"crl.acme.example"}))
    assert (allowed.crl, allowed.ocsp) == (("http://crl.acme.example/i.crl",), ())
