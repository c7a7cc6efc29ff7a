"""A certificate authority in memory: the lab's own, and the built-in one of its UEM.

Keys are EC P-256 and live as long as the process, unless a credential is written out for a program that wants
files. Profiles follow RFC 5280 (sections 4.2.1 and 4.1.2.5), with the extensions that strict verifiers want.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, overload

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

BACKDATED: Final = timedelta(hours=1)  # clocks differ: a certificate made now must be valid for everybody now
AUTHORITY_LIFETIME: Final = timedelta(days=30)
LEAF_LIFETIME: Final = timedelta(days=7)


def utc_now() -> datetime:
    """The time of this machine, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate and its private key, both PEM: the leaf first, intermediates (if any) after it."""

    certificate_pem: bytes
    key_pem: bytes = field(repr=False)

    @property
    def certificate(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.certificate_pem)

    def write(self, directory: Path, name: str = "credential") -> tuple[Path, Path]:
        """Write `name`.pem and `name`.key into `directory`, both 0600; returns their paths."""
        certificate, key = directory / f"{name}.pem", directory / f"{name}.key"
        write_private(certificate, self.certificate_pem)
        write_private(key, self.key_pem)
        return certificate, key


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, at no moment readable to others; replaces what is there."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        os.fchmod(descriptor, 0o600)
        stream.write(content)


class Authority:
    """A certificate authority with a self-signed certificate, made when the object is made."""

    def __init__(self, common_name: str, *, now: Callable[[], datetime] = utc_now) -> None:
        self._now = now
        self._key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(common_name)
        builder = self._builder(subject, subject, self._key.public_key(), AUTHORITY_LIFETIME)
        self.certificate: Final = (
            builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    @property
    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def issue_server(
        self, names: Sequence[str], addresses: Sequence[str], *, valid_for: timedelta = LEAF_LIFETIME
    ) -> Credential:
        """A TLS server's credential, valid for all of `names` (DNS) and `addresses` (IPv4 or IPv6).

        Raises ValueError when both lists are empty.
        """
        alternatives: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
        alternatives += [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
        if not alternatives:
            raise ValueError("a server certificate needs a name or an address")
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._leaf(
            [*names, *addresses][0],
            key.public_key(),
            alternatives,
            ExtendedKeyUsageOID.SERVER_AUTH,
            valid_for,
        )
        return _credential(certificate, key)

    @overload
    def issue_device(
        self,
        subject_cn: str,
        *,
        san_uris: Sequence[str] = (),
        san_dns: Sequence[str] = (),
        public_key: None = None,
        valid_for: timedelta = LEAF_LIFETIME,
    ) -> Credential: ...

    @overload
    def issue_device(
        self,
        subject_cn: str,
        *,
        san_uris: Sequence[str] = (),
        san_dns: Sequence[str] = (),
        public_key: CertificatePublicKeyTypes,
        valid_for: timedelta = LEAF_LIFETIME,
    ) -> x509.Certificate: ...

    def issue_device(
        self,
        subject_cn: str,
        *,
        san_uris: Sequence[str] = (),
        san_dns: Sequence[str] = (),
        public_key: CertificatePublicKeyTypes | None = None,
        valid_for: timedelta = LEAF_LIFETIME,
    ) -> Credential | x509.Certificate:
        """A TLS client's certificate for a device.

        With a `public_key` (the device made its key) the certificate alone; without, certificate and new key.
        """
        alternatives: list[x509.GeneralName] = [x509.UniformResourceIdentifier(uri) for uri in san_uris]
        alternatives += [x509.DNSName(name) for name in san_dns]
        if public_key is not None:
            return self._leaf(subject_cn, public_key, alternatives, ExtendedKeyUsageOID.CLIENT_AUTH, valid_for)
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._leaf(subject_cn, key.public_key(), alternatives, ExtendedKeyUsageOID.CLIENT_AUTH, valid_for)
        return _credential(certificate, key)

    def _leaf(
        self,
        common_name: str,
        public_key: CertificatePublicKeyTypes,
        alternatives: Sequence[x509.GeneralName],
        usage: x509.ObjectIdentifier,
        valid_for: timedelta,
    ) -> x509.Certificate:
        builder = (
            self._builder(_name(common_name), self.certificate.subject, public_key, valid_for)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        )
        if alternatives:
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        return builder.sign(self._key, hashes.SHA256())

    def _builder(
        self,
        subject: x509.Name,
        issuer: x509.Name,
        public_key: CertificatePublicKeyTypes,
        valid_for: timedelta,
    ) -> x509.CertificateBuilder:
        now = self._now()
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - BACKDATED)
            .not_valid_after(now + valid_for)
            .add_extension(_subject_key(public_key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _subject_key(public_key: CertificatePublicKeyTypes) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(public_key)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _credential(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Credential:
    return Credential(
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )
