"""DPoP proofs: a request shows that its sender has the key that a token is bound to (RFC 9449)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, Final
from urllib.parse import urlsplit

from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import ECKey, RSAKey

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
OLDEST: Final = timedelta(minutes=5)
SKEW: Final = timedelta(minutes=5)


class _Registry(jws.JWSRegistry):
    """A proof's header holds a public key: 1000 bytes for RSA of 4096 bits. By itself joserfc allows 512."""

    max_header_length = 2048


_REGISTRY: Final = _Registry(algorithms=list(ALGORITHMS))


class Flaw(Enum):
    """The first thing wrong with a proof (section 4.3)."""

    UNREADABLE = auto()
    TYPE = auto()
    ALGORITHM = auto()
    SIGNATURE = auto()
    METHOD = auto()
    URL = auto()
    NO_TIME = auto()
    IN_FUTURE = auto()
    TOO_OLD = auto()
    IDENTIFIER = auto()


class FlawedProofError(Exception):
    """A proof that proves nothing."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.name)
        self.flaw = flaw


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that fits its request. `thumbprint` is that of the key that signed it (RFC 7638)."""

    thumbprint: str
    identifier: str
    nonce: str | None
    access_token_hash: str | None


def read_proof(text: str, *, method: str, url: str, now: datetime) -> Proof:
    """Check the proof of a request to `url`. Replays, nonce and token are the caller's to check.

    Raises FlawedProofError.
    """
    key = _key(text)
    try:
        claims = jwt.decode(text, key, registry=_REGISTRY).claims
    except BadSignatureError as error:
        raise FlawedProofError(Flaw.SIGNATURE) from error
    except (JoseError, ValueError) as error:
        raise FlawedProofError(Flaw.UNREADABLE) from error
    if claims.get("htm") != method:
        raise FlawedProofError(Flaw.METHOD)
    if _without_query(str(claims.get("htu", ""))) != _without_query(url):
        raise FlawedProofError(Flaw.URL)
    _check_time(claims.get("iat"), now)
    identifier = claims.get("jti")
    if not isinstance(identifier, str) or not identifier:
        raise FlawedProofError(Flaw.IDENTIFIER)
    return Proof(key.thumbprint(), identifier, _text(claims, "nonce"), _text(claims, "ath"))


def access_token_hash(token: str) -> str:
    """The `ath` of a token (section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode("ascii")


def _key(text: str) -> RSAKey | ECKey:
    try:
        header = jws.extract_compact(text.encode(), registry=_REGISTRY).headers()
    except (JoseError, ValueError) as error:
        raise FlawedProofError(Flaw.UNREADABLE) from error
    if header.get("typ") != "dpop+jwt":
        raise FlawedProofError(Flaw.TYPE)
    if header.get("alg") not in ALGORITHMS:
        raise FlawedProofError(Flaw.ALGORITHM)
    shown = header.get("jwk")
    if not isinstance(shown, dict) or "d" in shown:  # never a private key
        raise FlawedProofError(Flaw.UNREADABLE)
    try:
        return RSAKey.import_key(shown) if shown.get("kty") == "RSA" else ECKey.import_key(shown)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise FlawedProofError(Flaw.UNREADABLE) from error


def _check_time(issued: object, now: datetime) -> None:
    if not isinstance(issued, int | float):
        raise FlawedProofError(Flaw.NO_TIME)
    moment = now.timestamp()
    if issued > moment + SKEW.total_seconds():
        raise FlawedProofError(Flaw.IN_FUTURE)
    if issued < moment - OLDEST.total_seconds():
        raise FlawedProofError(Flaw.TOO_OLD)


def _without_query(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower(), parts.path


def _text(claims: dict[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) else None
