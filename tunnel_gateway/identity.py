"""From a client certificate to a device.

mitmproxy asks for a certificate and accepts any; on a resumed session nothing at all is verified. So the presented
chain is verified here, at every CONNECT, against the configured device authorities, and the handshake's own result
is never consulted.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.hashes import MD5, SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from OpenSSL import crypto

from tunnel_gateway.reasons import Reason, RefusalError

MIN_RSA_BITS: Final = 2048
MIN_EC_BITS: Final = 256
MAX_CHAIN: Final = 10
REMEMBERED_CHAINS: Final = 10_000

UDID: Final = re.compile(r"[0-9A-Za-z-]{8,64}")
"""What a UDID may look like: 40 hex digits, a UUID, or Apple's `00008110-000A…` form."""

UNREADABLE: Final = (
    ValueError,
    UnsupportedAlgorithm,
    crypto.Error,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What a certificate that cannot be read is answered with by those who read it."""

# OpenSSL's verification codes, x509_vfy.h. Codes that are not listed here mean: untrusted.
_CODES: Final = {
    3: Reason.CLIENT_CERTIFICATE_REVOCATION_UNKNOWN,  # no CRL
    9: Reason.CLIENT_CERTIFICATE_NOT_YET_VALID,
    10: Reason.CLIENT_CERTIFICATE_EXPIRED,
    11: Reason.CLIENT_CERTIFICATE_REVOCATION_UNKNOWN,  # CRL not yet valid
    12: Reason.CLIENT_CERTIFICATE_REVOCATION_UNKNOWN,  # CRL expired
    23: Reason.CLIENT_CERTIFICATE_REVOKED,
    66: Reason.CLIENT_CERTIFICATE_WEAK,  # end-entity key
    67: Reason.CLIENT_CERTIFICATE_WEAK,  # authority's key
    68: Reason.CLIENT_CERTIFICATE_WEAK,  # digest
}


class UdidFrom(StrEnum):
    """Where a device authority writes the UDID."""

    SAN_URI = "san-uri"
    SAN_DNS = "san-dns"
    SUBJECT_CN = "subject-cn"


@dataclass(frozen=True, slots=True)
class UdidPlace:
    """Where the UDID stands in a certificate: the kind of name, and a pattern with `{udid}` in it once."""

    source: UdidFrom
    pattern: str

    def find(self, certificate: x509.Certificate) -> set[str]:
        """Every UDID that stands at this place, as it is spelled. Raises ValueError for names that cannot be read."""
        before, _, after = self.pattern.partition("{udid}")
        expression = re.compile(re.escape(before) + f"({UDID.pattern})" + re.escape(after))
        matches = (expression.fullmatch(name) for name in self._names(certificate))
        return {match[1] for match in matches if match}

    def _names(self, certificate: x509.Certificate) -> Sequence[str]:
        if self.source is UdidFrom.SUBJECT_CN:
            return [str(name.value) for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        try:
            names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            return []
        if self.source is UdidFrom.SAN_URI:
            return names.get_values_for_type(x509.UniformResourceIdentifier)
        return names.get_values_for_type(x509.DNSName)


@dataclass(frozen=True, slots=True)
class DeviceAuthority:
    """An authority whose certificates name devices, and where in them the UDID stands."""

    certificate: x509.Certificate
    udid: UdidPlace


@dataclass(frozen=True, slots=True)
class Identity:
    """The device that a verified certificate names, its UDID as spelled there. `not_after` is aware, in UTC.

    The thumbprint is SHA-1, as the UEM shows it.
    """

    udid: str
    thumbprint: str
    subject: str
    not_after: datetime


class CertificateVerifier:
    """Verifies presented chains, and remembers the intermediates that a resumed session no longer carries."""

    def __init__(self, authorities: Iterable[DeviceAuthority]) -> None:
        self._places = {a.certificate.public_bytes(Encoding.DER): a.udid for a in authorities}
        self._anchors = [x509.load_der_x509_certificate(der) for der in self._places]
        self._remembered: OrderedDict[bytes, tuple[x509.Certificate, ...]] = OrderedDict()

    def identify(self, leaf: bytes | None, intermediates: Sequence[bytes], now: datetime) -> Identity:
        """The device that the chain (DER) names, judged at `now` (aware).

        Raises RefusalError with an identity reason.
        """
        if leaf is None:
            raise RefusalError(Reason.CLIENT_CERTIFICATE_MISSING)
        if len(intermediates) >= MAX_CHAIN:
            raise _untrusted(f"a chain of more than {MAX_CHAIN} certificates")
        try:
            return self._identify(_parse(leaf), tuple(map(_parse, intermediates)), now)
        except UNREADABLE as error:
            raise _untrusted(f"the certificate cannot be read ({type(error).__name__})") from error

    def _identify(self, leaf: x509.Certificate, presented: tuple[x509.Certificate, ...], now: datetime) -> Identity:
        fingerprint = hashlib.sha256(leaf.public_bytes(Encoding.DER)).digest()
        intermediates = presented or self._remembered.get(fingerprint, ())
        chain = self._verified_chain(leaf, intermediates, now)
        _judge_uses(chain)
        for certificate in chain[:-1]:
            _judge_strength(certificate)
        anchor = chain[-1].public_bytes(Encoding.DER)
        udid = _only_udid(self._places[anchor].find(leaf))
        if presented:
            self._remember(fingerprint, presented)
        return Identity(udid, _thumbprint(leaf), leaf.subject.rfc4514_string(), leaf.not_valid_after_utc)

    def _verified_chain(
        self, leaf: x509.Certificate, intermediates: Sequence[x509.Certificate], now: datetime
    ) -> list[x509.Certificate]:
        """OpenSSL takes the first authority of the issuer's name; one whose key was renewed has two of that name."""
        same_name = [anchor for anchor in self._anchors if anchor.subject == leaf.issuer]
        for anchor in same_name[:-1]:
            try:
                return _verify([anchor], leaf, intermediates, now)
            except RefusalError as refusal:
                if refusal.detail != "certificate signature failure":
                    raise
        return _verify(same_name[-1:] or self._anchors, leaf, intermediates, now)

    def _remember(self, fingerprint: bytes, intermediates: tuple[x509.Certificate, ...]) -> None:
        self._remembered[fingerprint] = intermediates
        self._remembered.move_to_end(fingerprint)
        while len(self._remembered) > REMEMBERED_CHAINS:
            self._remembered.popitem(last=False)


def _verify(
    anchors: Iterable[x509.Certificate],
    leaf: x509.Certificate,
    intermediates: Sequence[x509.Certificate],
    now: datetime,
) -> list[x509.Certificate]:
    store = crypto.X509Store()
    for anchor in anchors:
        store.add_cert(crypto.X509.from_cryptography(anchor))
    # A configured authority is an anchor even where it is not self-signed.
    store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)
    store.set_time(now)
    context = crypto.X509StoreContext(
        store,
        crypto.X509.from_cryptography(leaf),
        [crypto.X509.from_cryptography(certificate) for certificate in intermediates],
    )
    try:
        return [certificate.to_cryptography() for certificate in context.get_verified_chain()]
    except crypto.X509StoreContextError as error:
        code, _depth, words = error.errors
        raise RefusalError(_CODES.get(code, Reason.CLIENT_CERTIFICATE_UNTRUSTED), str(words)) from error


def _parse(der: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(der)


def _judge_uses(chain: Sequence[x509.Certificate]) -> None:
    """The leaf must be made for client authentication, and no authority between may be kept from it."""
    leaf, *issuers = chain
    if ExtendedKeyUsageOID.CLIENT_AUTH not in (_extended_uses(leaf) or ()):
        raise _untrusted("the certificate is not made for client authentication (no EKU clientAuth)")
    if _is_authority(leaf):
        raise _untrusted("the certificate is an authority's, not a device's")
    if not _may_sign(leaf):
        raise _untrusted("the certificate's key usage leaves out digital signatures")
    for issuer in issuers:
        uses = _extended_uses(issuer)
        allowed = (ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)
        if uses is not None and not any(use in allowed for use in uses):
            raise _untrusted("an authority of the chain may not issue certificates for client authentication")


def _extended_uses(certificate: x509.Certificate) -> list[x509.ObjectIdentifier] | None:
    try:
        return list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        return None


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _may_sign(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    except x509.ExtensionNotFound:
        return True


def _judge_strength(certificate: x509.Certificate) -> None:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        strong = key.key_size >= MIN_RSA_BITS
    elif isinstance(key, ec.EllipticCurvePublicKey):
        strong = key.key_size >= MIN_EC_BITS
    else:
        strong = isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey)
    if not strong:
        raise RefusalError(Reason.CLIENT_CERTIFICATE_WEAK, "the key is shorter than RSA 2048 or EC 256 bits")
    if isinstance(certificate.signature_hash_algorithm, MD5 | SHA1):
        raise RefusalError(Reason.CLIENT_CERTIFICATE_WEAK, "signed with MD5 or SHA-1")


def _only_udid(found: set[str]) -> str:
    if len({udid.lower() for udid in found}) != 1:
        count = "no" if not found else "more than one"
        raise RefusalError(Reason.CLIENT_CERTIFICATE_WITHOUT_DEVICE, f"{count} UDID at the configured place")
    return found.pop()


def _thumbprint(certificate: x509.Certificate) -> str:
    return hashlib.sha1(certificate.public_bytes(Encoding.DER), usedforsecurity=False).hexdigest()


def _untrusted(detail: str) -> RefusalError:
    return RefusalError(Reason.CLIENT_CERTIFICATE_UNTRUSTED, detail)
