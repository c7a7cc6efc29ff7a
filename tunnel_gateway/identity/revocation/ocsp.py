"""The online certificate status protocol (RFC 6960), by POST, about one certificate at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from tunnel_gateway.identity.revocation.crl import CLOCK_SKEW
from tunnel_gateway.identity.revocation.signature import signed_by
from tunnel_gateway.identity.revocation.unknown import RevocationUnknownError
from tunnel_gateway.identity.strength import is_weak
from tunnel_gateway.identity.uses import extended_uses

MAX_ANSWER: Final = 64 * 1024
WITHOUT_NEXT_UPDATE: Final = timedelta(minutes=5)
"""How long an answer counts that says that newer ones are always to be had (no nextUpdate; RFC 6960, 4.2.2.1)."""
NONCE_BYTES: Final = 32
"""RFC 9654."""
_UNREADABLE: Final = (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)


@dataclass(frozen=True, slots=True)
class CertificateStatus:
    """A verified answer about one certificate."""

    this_update: datetime
    next_update: datetime
    is_revoked: bool


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a certificate by its number, its issuer, and a nonce, which a responder may leave out again."""

    serial_number: int
    issuer: x509.Certificate
    nonce: bytes

    def der(self) -> bytes:
        """The request."""
        name, key = _names_of(self.issuer)
        builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(name, key, self.serial_number, SHA1())  # noqa: S303
        builder = builder.add_extension(x509.OCSPNonce(self.nonce), critical=False)
        return builder.build().public_bytes(Encoding.DER)


def read_ocsp(content: bytes, question: Question, now: datetime) -> CertificateStatus:
    """Read and verify an answer (DER) at `now` (aware). Raises RevocationUnknownError."""
    try:
        response = ocsp.load_der_ocsp_response(content)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise RevocationUnknownError(f"the responder says {response.response_status.name.lower()}")
        _judge_nonce(response, question)
        _judge_responder(response, question.issuer, now)
        return _status(_answer(response, question), now)
    except _UNREADABLE as error:
        raise RevocationUnknownError(f"the OCSP answer cannot be read ({type(error).__name__})") from error


def _judge_nonce(response: ocsp.OCSPResponse, question: Question) -> None:
    for extension in response.extensions:
        if isinstance(extension.value, x509.OCSPNonce):
            if extension.value.nonce != question.nonce:
                raise RevocationUnknownError("the OCSP answer is to another question (its nonce is not ours)")
        elif extension.critical:
            raise RevocationUnknownError("the OCSP answer carries a critical extension that is not known")


def _judge_responder(response: ocsp.OCSPResponse, issuer: x509.Certificate, now: datetime) -> None:
    """The issuer itself, or one to whom the issuer has given a certificate for this (RFC 6960, 4.2.2.2)."""
    if is_weak(response.signature_hash_algorithm):
        raise RevocationUnknownError("the OCSP answer is signed with MD5 or SHA-1")
    for responder in (issuer, *_delegates(response.certificates, issuer, now)):
        if _is_named(response, responder) and signed_by(
            responder.public_key(),
            response.signature,
            response.tbs_response_bytes,
            response.signature_hash_algorithm,
        ):
            return
    raise RevocationUnknownError("the OCSP answer is signed by nobody whom the issuer has appointed")


def _delegates(
    certificates: Sequence[x509.Certificate], issuer: x509.Certificate, now: datetime
) -> list[x509.Certificate]:
    return [each for each in certificates[:4] if _is_delegate(each, issuer, now)]


def _is_delegate(certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> bool:
    """Appointed by the issuer, for now, and with the word that it need not be asked about itself (4.2.2.2.1)."""
    if not certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc:
        return False
    if ExtendedKeyUsageOID.OCSP_SIGNING not in (extended_uses(certificate) or ()):
        return False
    if is_weak(certificate.signature_hash_algorithm) or not _needs_no_check(certificate):
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):  # another name, another kind of key, another key
        return False
    return True


def _needs_no_check(certificate: x509.Certificate) -> bool:
    return any(isinstance(extension.value, x509.OCSPNoCheck) for extension in certificate.extensions)


def _is_named(response: ocsp.OCSPResponse, responder: x509.Certificate) -> bool:
    if response.responder_name is not None:
        return response.responder_name == responder.subject
    return response.responder_key_hash == _key_hash(responder)


def _answer(response: ocsp.OCSPResponse, question: Question) -> ocsp.OCSPSingleResponse:
    for single in response.responses:
        is_issuer = (single.issuer_name_hash, single.issuer_key_hash) == _names_of(question.issuer)
        if is_issuer and single.serial_number == question.serial_number:
            return single
    raise RevocationUnknownError("the OCSP answer is about another certificate")


def _status(single: ocsp.OCSPSingleResponse, now: datetime) -> CertificateStatus:
    this_update, next_update = single.this_update_utc, single.next_update_utc
    if this_update > now + CLOCK_SKEW:
        raise RevocationUnknownError("the OCSP answer is from the future")
    if next_update is None:
        next_update = this_update + WITHOUT_NEXT_UPDATE
    if next_update <= now:
        raise RevocationUnknownError(f"the OCSP answer is out of date since {next_update:%Y-%m-%d %H:%M} UTC")
    if single.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
        raise RevocationUnknownError("the responder does not know the certificate")
    return CertificateStatus(this_update, next_update, single.certificate_status is ocsp.OCSPCertStatus.REVOKED)


def _names_of(issuer: x509.Certificate) -> tuple[bytes, bytes]:
    """What RFC 6960 names an issuer by: SHA-1, which every responder knows (RFC 5019, 2.1.1). Nothing rests on it."""
    return hashlib.sha1(issuer.subject.public_bytes(), usedforsecurity=False).digest(), _key_hash(issuer)


def _key_hash(certificate: x509.Certificate) -> bytes:
    """SHA-1 of the public key, as a subject key identifier is made."""
    return x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest
