"""Every check of a certificate chain, with its outcome: what a CONNECT would stop at, and what stands behind that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tunnel_gateway.identity.allow_list import AllowList
from tunnel_gateway.identity.authority import DeviceAuthority
from tunnel_gateway.identity.device import Identity
from tunnel_gateway.identity.newest import Newest
from tunnel_gateway.identity.presented import UNREADABLE, unreadable
from tunnel_gateway.identity.revocation.checker import RevocationChecker
from tunnel_gateway.identity.revocation.policy import RevocationMode
from tunnel_gateway.identity.revocation.unknown import RevocationUnknownError
from tunnel_gateway.identity.strength import judge_key, judge_signature
from tunnel_gateway.identity.uses import judge_uses
from tunnel_gateway.identity.verifier import CertificateVerifier, identity_of
from tunnel_gateway.reasons import Reason, RefusalError

_OF_TIME: Final = {Reason.CLIENT_CERTIFICATE_EXPIRED, Reason.CLIENT_CERTIFICATE_NOT_YET_VALID}
NO_AUTHORITY: Final = "no device authority vouches for the certificate"


class Outcome(StrEnum):
    """What came of a check. `skipped` was not wanted or has nothing to go by; `unknown` could not be told."""

    PASSED = "passed"
    REFUSED = "refused"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a chain. `reason` is what a CONNECT would be refused with."""

    name: str
    outcome: Outcome
    words: str
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What a chain is held against, beside the authorities. Without `revocation` nobody is asked.

    `newest` looks a device's newest certificate up by its UDID in lower case; None where that does not count.
    """

    allow_list: AllowList | None = None
    newest: Callable[[str], Newest | None] | None = None
    revocation: RevocationChecker | None = None


async def check_chain(
    presented: Sequence[x509.Certificate], verifier: CertificateVerifier, known: Known, now: datetime
) -> list[Check]:
    """All checks of the chain, the leaf first, at `now` (aware); one that fails keeps none of the others from it."""
    path: list[x509.Certificate] = []
    chain = _attempt("chain", lambda: _lead_back(path, presented, verifier, now))
    certificates = tuple(path or presented)
    judged = certificates[:-1] if path else certificates[:1]
    checks = [
        chain,
        _authority(path),
        _attempt("validity", lambda: _judge_validity(certificates, now)),
        _attempt("usage", lambda: _judge_uses(certificates if path else judged)),
        _attempt("key", lambda: _judge_keys(judged)),
        _attempt("signature", lambda: _judge_signatures(judged)),
    ]
    if not path:
        names = ("profile", "udid", "revocation", "newest", "allow-list")
        return [*checks, *(Check(name, Outcome.SKIPPED, NO_AUTHORITY) for name in names)]
    checks.append(_attempt("profile", lambda: _judge_profile(verifier.authority_of(path), path[0])))
    udid = _attempt("udid", lambda: _judge_udid(verifier.authority_of(path), path[0]))
    checks += [udid, *await _revocation(verifier, path, known.revocation)]
    if udid.outcome is not Outcome.PASSED:
        words = "the certificate names no device to look up"
        return [*checks, *(Check(name, Outcome.SKIPPED, words) for name in ("newest", "allow-list"))]
    identity = identity_of(verifier.authority_of(path).udid.only(path[0]), path)
    return [*checks, _newest(identity, known), _allow_list(identity, known.allow_list)]


def _attempt(name: str, judge: Callable[[], str]) -> Check:
    """What `judge` says, or what it refuses with."""
    try:
        return Check(name, Outcome.PASSED, judge())
    except RefusalError as error:
        refusal = error
    except UNREADABLE as error:
        refusal = unreadable(error)
    return Check(name, Outcome.REFUSED, refusal.detail, refusal.reason)


def _lead_back(
    path: list[x509.Certificate], presented: Sequence[x509.Certificate], verifier: CertificateVerifier, now: datetime
) -> str:
    """Fill in the path, at a time when all of it is valid where it is not now: validity is a check of its own."""
    try:
        path[:] = verifier.path(presented, now)
    except RefusalError as refusal:
        if refusal.reason not in _OF_TIME:
            raise
        path[:] = verifier.path(presented, _middle(presented))
    return f"{len(path)} certificates, the last one a configured authority's"


def _middle(certificates: Sequence[x509.Certificate]) -> datetime:
    start = max(each.not_valid_before_utc for each in certificates)
    end = min(each.not_valid_after_utc for each in certificates)
    return start + (end - start) / 2


def _authority(path: Sequence[x509.Certificate]) -> Check:
    if not path:
        return Check("authority", Outcome.SKIPPED, NO_AUTHORITY)
    return Check("authority", Outcome.PASSED, path[-1].subject.rfc4514_string())


def _judge_validity(certificates: Sequence[x509.Certificate], now: datetime) -> str:
    for each in certificates:
        who = each.subject.rfc4514_string()
        if each.not_valid_after_utc <= now:
            words = f"{who} has expired on {each.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
            raise RefusalError(Reason.CLIENT_CERTIFICATE_EXPIRED, words)
        if each.not_valid_before_utc > now:
            words = f"{who} is not valid before {each.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
            raise RefusalError(Reason.CLIENT_CERTIFICATE_NOT_YET_VALID, words)
    return f"until {min(each.not_valid_after_utc for each in certificates):%Y-%m-%d %H:%M} UTC"


def _judge_uses(certificates: Sequence[x509.Certificate]) -> str:
    judge_uses(certificates)
    return "made for client authentication"


def _judge_keys(certificates: Sequence[x509.Certificate]) -> str:
    for each in certificates:
        judge_key(each)
    return ", ".join(_key(each.public_key()) for each in certificates)


def _key(key: object) -> str:
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    return "Ed25519 or Ed448"


def _judge_signatures(certificates: Sequence[x509.Certificate]) -> str:
    for each in certificates:
        judge_signature(each)
    algorithms = (each.signature_hash_algorithm for each in certificates)
    return ", ".join("no digest of its own" if each is None else each.name.upper() for each in algorithms)


def _judge_profile(authority: DeviceAuthority, leaf: x509.Certificate) -> str:
    authority.carried.judge(leaf)
    return "carries what the authority's profile asks for"


def _judge_udid(authority: DeviceAuthority, leaf: x509.Certificate) -> str:
    return f"{authority.udid.only(leaf)} ({authority.udid.source})"


async def _revocation(
    verifier: CertificateVerifier, path: Sequence[x509.Certificate], revocation: RevocationChecker | None
) -> list[Check]:
    """One check for each certificate that can be revoked."""
    trust = verifier.trust(path)
    if trust.policy.mode is RevocationMode.OFF:
        return [Check("revocation", Outcome.SKIPPED, "nobody is asked (revocation: off)")]
    if revocation is None:
        return [Check("revocation", Outcome.SKIPPED, "not asked; --online asks")]
    checks = []
    for certificate, link in zip(path, verifier.links(path), strict=False):
        who = certificate.subject.rfc4514_string()
        try:
            revoked = await revocation.is_revoked(link, trust)
        except RevocationUnknownError as error:
            refused = trust.policy.mode is RevocationMode.HARD
            reason = Reason.CLIENT_CERTIFICATE_REVOCATION_UNKNOWN if refused else None
            words = str(error) if refused else f"{error}; admitted all the same (revocation: soft)"
            checks.append(Check("revocation", Outcome.UNKNOWN, f"{who}: {words}", reason))
            continue
        if revoked:
            words = f"{who} has been revoked"
            checks.append(Check("revocation", Outcome.REFUSED, words, Reason.CLIENT_CERTIFICATE_REVOKED))
        else:
            checks.append(Check("revocation", Outcome.PASSED, f"{who} has not been revoked"))
    return checks


def _newest(identity: Identity, known: Known) -> Check:
    if known.newest is None:
        return Check("newest", Outcome.SKIPPED, "older certificates count, too (newest-only: false)")
    newest = known.newest(identity.udid.lower())
    if newest is None:
        return Check("newest", Outcome.PASSED, "the device has not shown a certificate yet")
    if newest.supersedes(identity):
        words = f"the device has shown a newer one, issued on {newest.not_before:%Y-%m-%d %H:%M} UTC"
        return Check("newest", Outcome.REFUSED, words, Reason.CLIENT_CERTIFICATE_SUPERSEDED)
    return Check("newest", Outcome.PASSED, "the device has shown no newer one")


def _allow_list(identity: Identity, allowed: AllowList | None) -> Check:
    if allowed is None:
        return Check("allow-list", Outcome.SKIPPED, "none is configured")

    def judge() -> str:
        allowed.judge(identity)
        return f"{identity.thumbprint} stands there"

    return _attempt("allow-list", judge)
