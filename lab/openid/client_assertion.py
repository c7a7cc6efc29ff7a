"""Client assertions: JWTs by which a client shows that it has its private key (RFC 7523, RFC 7521).

Read here once for both providers, which word their refusals differently.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, Final

from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SKEW: Final = timedelta(minutes=5)
"""How far the clocks of client and server may be apart."""

PublicKey = RSAKey | ECKey


class Flaw(Enum):
    """The first thing wrong with an assertion."""

    UNREADABLE = auto()
    ALGORITHM = auto()
    KEY = auto()
    SIGNATURE = auto()
    ISSUER = auto()
    SUBJECT = auto()
    AUDIENCE = auto()
    NO_EXPIRY = auto()
    EXPIRED = auto()
    EXPIRY_TOO_FAR = auto()
    NOT_YET_ISSUED = auto()


class FlawedAssertionError(Exception):
    """An assertion that proves nothing."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.name)
        self.flaw = flaw


@dataclass(frozen=True, slots=True)
class Unverified:
    """What an assertion says of itself: good for finding the key to verify it with, and for nothing else."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]


def unverified(assertion: str) -> Unverified:
    """Raises FlawedAssertionError."""
    try:
        found = jws.extract_compact(assertion.encode())
        claims = json.loads(found.payload)
    except (JoseError, ValueError) as error:
        raise FlawedAssertionError(Flaw.UNREADABLE) from error
    if not isinstance(claims, dict):
        raise FlawedAssertionError(Flaw.UNREADABLE)
    return Unverified(found.headers(), claims)


def verified(assertion: str, key: PublicKey, algorithms: Collection[str]) -> dict[str, Any]:
    """The claims of an assertion that `key` signed. Raises FlawedAssertionError."""
    if unverified(assertion).header.get("alg") not in algorithms:
        raise FlawedAssertionError(Flaw.ALGORITHM)
    registry = JWSRegistry(algorithms=list(algorithms), strict_check_header=False)
    try:
        return dict(jwt.decode(assertion, key, algorithms=list(algorithms), registry=registry).claims)
    except BadSignatureError as error:
        raise FlawedAssertionError(Flaw.SIGNATURE) from error
    except (JoseError, ValueError) as error:
        raise FlawedAssertionError(Flaw.UNREADABLE) from error


def check_times(claims: Mapping[str, Any], now: datetime, longest: timedelta) -> None:
    """`exp` must lie ahead, by `longest` at most, and `iat` not. Raises FlawedAssertionError."""
    expiry, issued, moment = claims.get("exp"), claims.get("iat"), now.timestamp()
    if not isinstance(expiry, int | float):
        raise FlawedAssertionError(Flaw.NO_EXPIRY)
    if expiry <= moment - SKEW.total_seconds():
        raise FlawedAssertionError(Flaw.EXPIRED)
    if expiry > moment + (longest + SKEW).total_seconds():
        raise FlawedAssertionError(Flaw.EXPIRY_TOO_FAR)
    if isinstance(issued, int | float) and issued > moment + SKEW.total_seconds():
        raise FlawedAssertionError(Flaw.NOT_YET_ISSUED)


def check_parties(claims: Mapping[str, Any], client_id: str, is_audience: Callable[[str], bool]) -> None:
    """`iss` and `sub` must both be the client, `aud` the server. Raises FlawedAssertionError."""
    if claims.get("iss") != client_id:
        raise FlawedAssertionError(Flaw.ISSUER)
    if claims.get("sub") != client_id:
        raise FlawedAssertionError(Flaw.SUBJECT)
    audiences = claims.get("aud")
    named = audiences if isinstance(audiences, list) else [audiences]
    if not any(isinstance(name, str) and is_audience(name) for name in named):
        raise FlawedAssertionError(Flaw.AUDIENCE)
