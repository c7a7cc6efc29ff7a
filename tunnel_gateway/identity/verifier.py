"""From what a device presents to a certificate that a device authority vouches for.

A verifier is a value: another set of authorities is another verifier, which may be given what the old one remembers
of intermediates. What it verifies it keeps, and judges again for time at every CONNECT; nothing is ever kept of what
it refuses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tunnel_gateway.identity.authority import DeviceAuthority
from tunnel_gateway.identity.chain import Anchors
from tunnel_gateway.identity.device import Identity
from tunnel_gateway.identity.presented import UNREADABLE, parse_chain, unreadable
from tunnel_gateway.identity.remembered import Remembered
from tunnel_gateway.identity.revocation.endpoints import Endpoints, endpoints_of
from tunnel_gateway.identity.revocation.policy import Trust
from tunnel_gateway.identity.strength import judge_key, judge_signature
from tunnel_gateway.identity.uses import judge_uses
from tunnel_gateway.reasons import Reason, RefusalError

REMEMBERED_CHAINS: Final = 10_000

Intermediates = Remembered[bytes, tuple[bytes, ...]]
"""The intermediates (DER) of verified certificates, by SHA-256: a resumed session no longer carries them."""


@dataclass(frozen=True, slots=True)
class Link:
    """A certificate of a verified chain, as far as its revocation is concerned, and who issued it.

    `named` is what the certificate says, `asked` what of that is on hosts that may be asked.
    """

    serial_number: int
    is_leaf: bool
    named: Endpoints
    asked: Endpoints
    issuer: x509.Certificate


@dataclass(frozen=True, slots=True)
class Verified:
    """A certificate that leads to a device authority; its chain is valid after `valid_after`, and until its identity
    ends."""

    identity: Identity
    links: tuple[Link, ...]
    trust: Trust
    valid_after: datetime


class CertificateVerifier:
    """Verifies presented chains against device authorities."""

    def __init__(self, authorities: Iterable[DeviceAuthority], intermediates: Intermediates | None = None) -> None:
        self.authorities = tuple(authorities)
        self.intermediates = Intermediates(REMEMBERED_CHAINS) if intermediates is None else intermediates
        self._by_certificate = {_der(authority.certificate): authority for authority in self.authorities}
        self._anchors = Anchors(authority.certificate for authority in self.authorities)
        self._verified: Remembered[bytes, Verified] = Remembered(REMEMBERED_CHAINS)
        self._issuers: Remembered[x509.Certificate, x509.Certificate] = Remembered(REMEMBERED_CHAINS)

    def identify(self, leaf: bytes | None, intermediates: Sequence[bytes], now: datetime) -> Identity:
        """The device that the chain names. Raises as `verify` does."""
        return self.verify(leaf, intermediates, now).identity

    def verify(self, leaf: bytes | None, intermediates: Sequence[bytes], now: datetime) -> Verified:
        """The chain (DER) as far as it can be judged without asking anybody, at `now` (aware).

        Raises RefusalError with an identity reason.
        """
        if leaf is None:
            raise RefusalError(Reason.CLIENT_CERTIFICATE_MISSING)
        fingerprint = hashlib.sha256(leaf).digest()
        known = self._verified.get(fingerprint)
        if known is not None and known.valid_after < now < known.identity.not_after:
            return known
        presented = intermediates or self.intermediates.get(fingerprint) or ()
        try:
            verified = self._verify(parse_chain(leaf, presented), now)
        except UNREADABLE as error:
            raise unreadable(error) from error
        self._verified.put(fingerprint, verified)
        if len(verified.identity.chain) > 1:
            self.intermediates.put(fingerprint, verified.identity.chain[1:])
        return verified

    def path(self, certificates: Sequence[x509.Certificate], now: datetime) -> tuple[x509.Certificate, ...]:
        """The path from the first of these certificates to the nearest anchor. Raises RefusalError."""
        leaf, *intermediates = certificates
        issuers = self._anchors.path(leaf, intermediates, now)[1:]
        return (leaf, *map(self._shared, issuers))

    def authority_of(self, path: Sequence[x509.Certificate]) -> DeviceAuthority:
        """Whose path this is."""
        return self._by_certificate[_der(path[-1])]

    def _verify(self, presented: Sequence[x509.Certificate], now: datetime) -> Verified:
        path = self.path(presented, now)
        authority = self.authority_of(path)
        leaf = path[0]
        judge_uses(path)
        for certificate in path[:-1]:
            judge_key(certificate)
            judge_signature(certificate)
        authority.carried.judge(leaf)
        udid = authority.udid.only(leaf)
        return Verified(
            identity=identity_of(udid, path),
            links=self.links(path),
            trust=self.trust(path),
            valid_after=max(certificate.not_valid_before_utc for certificate in path),
        )

    def links(self, path: Sequence[x509.Certificate]) -> tuple[Link, ...]:
        """Each certificate of the path but the anchor, with its issuer."""
        hosts = self.authority_of(path).revocation.hosts
        named = [endpoints_of(certificate) for certificate in path[:-1]]
        return tuple(
            Link(path[index].serial_number, index == 0, each, each.on(hosts), path[index + 1])
            for index, each in enumerate(named)
        )

    def trust(self, path: Sequence[x509.Certificate]) -> Trust:
        """How the path's authority is asked about revocation."""
        return Trust(self.authority_of(path).revocation, tuple(each.certificate for each in self.authorities))

    def _shared(self, issuer: x509.Certificate) -> x509.Certificate:
        """One object for all that the same authority issued: what was parsed of it once stays parsed."""
        known = self._issuers.get(issuer)
        if known is None:
            self._issuers.put(issuer, issuer)
        return known or issuer


def identity_of(udid: str, path: Sequence[x509.Certificate]) -> Identity:
    """What the path says of its first certificate's device."""
    leaf, der = path[0], _der(path[0])
    return Identity(
        udid=udid,
        thumbprint=hashlib.sha1(der, usedforsecurity=False).hexdigest(),
        thumbprint_sha256=hashlib.sha256(der).hexdigest(),
        subject=leaf.subject.rfc4514_string(),
        authority=path[-1].subject.rfc4514_string(),
        not_before=leaf.not_valid_before_utc,
        not_after=min(certificate.not_valid_after_utc for certificate in path),
        chain=(der, *map(_der, path[1:-1])),
    )


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
