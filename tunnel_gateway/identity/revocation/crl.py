"""A certificate revocation list (RFC 5280, 5): complete, direct, for all reasons, and the issuer's own.

Delta and indirect CRLs, CRLs for some reasons or of another distribution point, and what carries critical extensions
that are not known here say nothing that could be relied on: no answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from tunnel_gateway.identity.revocation.signature import may_sign_crls
from tunnel_gateway.identity.revocation.unknown import RevocationUnknownError
from tunnel_gateway.identity.strength import is_strong, is_weak

CLOCK_SKEW: Final = timedelta(minutes=5)
"""How far ahead of ours an authority's clock may be."""
_PEM: Final = b"-----BEGIN X509 CRL-----"
_UNREADABLE: Final = (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A verified list: the serial numbers that are revoked or on hold, and for whose certificates it is."""

    this_update: datetime
    next_update: datetime
    revoked: frozenset[int]
    only_leaves: bool
    only_authorities: bool

    def is_for(self, *, is_leaf: bool) -> bool:
        """Whether the list speaks of this kind of certificate."""
        return not (self.only_authorities if is_leaf else self.only_leaves)

    def is_revoked(self, serial_number: int, *, is_leaf: bool) -> bool:
        """Raises RevocationUnknownError where the list is not for this kind of certificate."""
        if not self.is_for(is_leaf=is_leaf):
            raise RevocationUnknownError("the CRL is for another kind of certificates")
        return serial_number in self.revoked


def read_crl(content: bytes, url: str, signers: Sequence[x509.Certificate], now: datetime) -> RevocationList:
    """Read and verify the CRL (DER or PEM) that was fetched from `url`, at `now` (aware).

    `signers` are the issuer of the certificate in question and others of its name: an authority that has renewed its
    key may sign one list for both. Raises RevocationUnknownError.
    """
    try:
        is_pem = content.lstrip().startswith(_PEM)
        crl = x509.load_pem_x509_crl(content) if is_pem else x509.load_der_x509_crl(content)
        _judge_signature(crl, signers)
        next_update = _judge_time(crl, now)
        only_leaves, only_authorities = _judge_extensions(crl, url)
        return RevocationList(
            crl.last_update_utc, next_update, frozenset(map(_serial_number, crl)), only_leaves, only_authorities
        )
    except RevocationUnknownError as error:
        raise RevocationUnknownError(f"{url}: {error}") from None
    except _UNREADABLE as error:
        raise RevocationUnknownError(f"{url} holds no CRL that can be read ({type(error).__name__})") from error


def _judge_signature(crl: x509.CertificateRevocationList, signers: Sequence[x509.Certificate]) -> None:
    named = [signer for signer in signers if signer.subject == crl.issuer and may_sign_crls(signer)]
    if not named:
        raise RevocationUnknownError("the CRL is not by the certificate's issuer")
    if is_weak(crl.signature_hash_algorithm):
        raise RevocationUnknownError("the CRL is signed with MD5 or SHA-1")
    if not any(is_strong(signer.public_key()) and _is_signature(crl, signer) for signer in named):
        raise RevocationUnknownError("the CRL's signature is not the issuer's")


def _is_signature(crl: x509.CertificateRevocationList, signer: x509.Certificate) -> bool:
    try:
        return crl.is_signature_valid(signer.public_key())  # type: ignore[arg-type]  # is_strong: a key that signs
    except TypeError:
        return False


def _judge_time(crl: x509.CertificateRevocationList, now: datetime) -> datetime:
    next_update = crl.next_update_utc
    if next_update is None:
        raise RevocationUnknownError("the CRL does not say when the next one comes (no nextUpdate)")
    if next_update <= now:
        raise RevocationUnknownError(f"the CRL is out of date since {next_update:%Y-%m-%d %H:%M} UTC")
    if crl.last_update_utc > now + CLOCK_SKEW:
        raise RevocationUnknownError("the CRL is from the future")
    return next_update


def _judge_extensions(crl: x509.CertificateRevocationList, url: str) -> tuple[bool, bool]:
    """Whether the list is for leaves only, and for authorities only."""
    only_leaves = only_authorities = False
    for extension in crl.extensions:
        if isinstance(extension.value, x509.DeltaCRLIndicator):
            raise RevocationUnknownError("it is a delta CRL, and a complete one is wanted")
        if isinstance(extension.value, x509.IssuingDistributionPoint):
            _judge_scope(extension.value, url)
            only_leaves = extension.value.only_contains_user_certs
            only_authorities = extension.value.only_contains_ca_certs
        elif extension.critical and isinstance(extension.value, x509.UnrecognizedExtension):
            raise RevocationUnknownError("the CRL carries a critical extension that is not known")
    return only_leaves, only_authorities


def _judge_scope(scope: x509.IssuingDistributionPoint, url: str) -> None:
    if scope.indirect_crl:
        raise RevocationUnknownError("it is an indirect CRL, and the issuer's own is wanted")
    if scope.only_some_reasons is not None:
        raise RevocationUnknownError("the CRL is for some reasons only, and one for all is wanted")
    if scope.only_contains_attribute_certs or scope.relative_name is not None:
        raise RevocationUnknownError("the CRL is for another kind of certificates")
    names = [name.value for name in scope.full_name or ()]
    if names and url not in names:
        raise RevocationUnknownError("the CRL is the one of another distribution point")


def _serial_number(entry: x509.RevokedCertificate) -> int:
    """An entry with a critical extension that is not known makes the whole list unusable (RFC 5280, 5.3)."""
    for extension in entry.extensions:
        if extension.critical and isinstance(extension.value, x509.UnrecognizedExtension):
            raise RevocationUnknownError("an entry carries a critical extension that is not known")
        if isinstance(extension.value, x509.CertificateIssuer):
            raise RevocationUnknownError("an entry is of another issuer, and the issuer's own CRL is wanted")
    return entry.serial_number
