"""Certificates, CRLs and OCSP answers of every make: what authorities issue, and what they should not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
UDID = "00008110-000A1C2E3F40801E"
CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

Extensions = list[tuple[x509.ExtensionType, bool]]


@dataclass
class Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Any

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def name(cn: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, cn)])


def make(
    issuer: Pair | None = None,
    *,
    cn: str = "phone",
    subject: x509.Name | None = None,
    ca: bool = False,
    path_length: int | None = None,
    key: Any = None,
    san: list[x509.GeneralName] | None = None,
    eku: list[x509.ObjectIdentifier] | None = None,
    now: datetime = NOW,
    start: timedelta = -DAY,
    end: timedelta = DAY,
    digest: hashes.HashAlgorithm | None = None,
    extra: Extensions | None = None,
) -> Pair:
    """A certificate by `issuer`, or by itself; valid from `start` to `end`, both seen from `now`."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = subject or name(cn)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + start)
        .not_valid_after(now + end)
        .add_extension(x509.BasicConstraints(ca, path_length), critical=True)
    )
    if san:
        builder = builder.add_extension(x509.SubjectAlternativeName(san), critical=False)
    if eku:
        builder = builder.add_extension(x509.ExtendedKeyUsage(eku), critical=False)
    for extension, critical in extra or []:
        builder = builder.add_extension(extension, critical)
    return Pair(builder.sign(signer := issuer.key if issuer else key, _digest(signer, digest)), key)


def uri(udid: str = UDID) -> x509.GeneralName:
    return x509.UniformResourceIdentifier(f"urn:uem:device:{udid}")


def leaf(issuer: Pair, **options: Any) -> Pair:
    """A device's certificate, as the UEM's own authority makes them."""
    return make(issuer, **({"san": [uri()], "eku": [CLIENT]} | options))


# --- revocation ---


def distribution_point(*urls: str, **options: Any) -> tuple[x509.ExtensionType, bool]:
    names = [x509.UniformResourceIdentifier(url) for url in urls]
    fields: dict[str, Any] = {"relative_name": None, "reasons": None, "crl_issuer": None} | options
    return x509.CRLDistributionPoints([x509.DistributionPoint(names, **fields)]), False


def responder_at(*urls: str) -> tuple[x509.ExtensionType, bool]:
    access = [
        x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(url)) for url in urls
    ]
    return x509.AuthorityInformationAccess(access), False


def make_crl(
    issuer: Pair,
    *revoked: Pair,
    signer: Pair | None = None,
    now: datetime = NOW,
    this_update: timedelta = -HOUR,
    next_update: timedelta = DAY,
    digest: hashes.HashAlgorithm | None = None,
    extra: Extensions | None = None,
    entry: Extensions | None = None,
) -> bytes:
    """A complete CRL in DER; `entry` goes into each of its entries."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject)
    builder = builder.last_update(now + this_update).next_update(now + next_update)
    for pair in revoked:
        each = x509.RevokedCertificateBuilder().serial_number(pair.certificate.serial_number).revocation_date(now)
        for extension, critical in entry or []:
            each = each.add_extension(extension, critical)
        builder = builder.add_revoked_certificate(each.build())
    for extension, critical in extra or []:
        builder = builder.add_extension(extension, critical)
    key = (signer or issuer).key
    return builder.sign(key, _digest(key, digest)).public_bytes(Encoding.DER)


def make_ocsp(
    about: Pair,
    issuer: Pair,
    *,
    responder: Pair | None = None,
    with_certificate: bool = True,
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
    now: datetime = NOW,
    this_update: timedelta = -HOUR,
    next_update: timedelta | None = DAY,
    nonce: bytes | None = None,
    digest: hashes.HashAlgorithm | None = None,
) -> bytes:
    """An answer in DER by `responder`, or by the issuer itself."""
    by = responder or issuer
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=about.certificate,
        issuer=issuer.certificate,
        algorithm=hashes.SHA1(),
        cert_status=status,
        this_update=now + this_update,
        next_update=None if next_update is None else now + next_update,
        revocation_time=now - DAY if status is ocsp.OCSPCertStatus.REVOKED else None,
        revocation_reason=None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, by.certificate)
    if responder is not None and with_certificate:
        builder = builder.certificates([responder.certificate])
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.sign(by.key, _digest(by.key, digest)).public_bytes(Encoding.DER)


def _digest(key: Any, digest: hashes.HashAlgorithm | None) -> hashes.HashAlgorithm | None:
    return None if isinstance(key, ed25519.Ed25519PrivateKey) else digest or hashes.SHA256()


# --- what no library would make ---


def tampered(pair: Pair, issuer: Pair, old: bytes, new: bytes, digest: hashes.HashAlgorithm | None = None) -> Pair:
    """The certificate with `old` replaced by as many bytes, wherever it stands, and signed anew by its issuer."""
    assert len(old) == len(new)
    assert old in pair.certificate.tbs_certificate_bytes
    content = pair.certificate.tbs_certificate_bytes.replace(old, new)
    algorithm = pair.der[len(_header(pair.der)) + len(content) :]
    algorithm = algorithm[: 2 + algorithm[1]].replace(old, new)
    digest = digest or hashes.SHA256()
    if isinstance(issuer.key, rsa.RSAPrivateKey):
        signature = issuer.key.sign(content, padding.PKCS1v15(), digest)
    else:
        signature = issuer.key.sign(content, ec.ECDSA(digest))
    return Tampered(_der(0x30, content + algorithm + _der(0x03, b"\0" + signature)), pair.key)


@dataclass
class Tampered(Pair):
    """A certificate in DER that may not be readable as one."""

    certificate: Any

    @property
    def der(self) -> bytes:
        return bytes(self.certificate)


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _header(der: bytes) -> bytes:
    return der[: 2 + (der[1] & 0x7F if der[1] & 0x80 else 0)]
