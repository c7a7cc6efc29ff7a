"""Access tokens of service apps: signed, one hour long, bound to a DPoP key where the app wants it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from lab.openid.signing import InvalidTokenError, SigningKey

LIFETIME: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ServiceToken:
    """What a token says. `bound_to` is the thumbprint of a DPoP key, None for a bearer token."""

    client_id: str
    scopes: frozenset[str]
    bound_to: str | None


class ServiceTokens:
    """Issues and reads them."""

    def __init__(self, clock: Callable[[], datetime], key: SigningKey) -> None:
        self._clock = clock
        self._key = key

    def issue(self, org_url: str, client_id: str, scopes: Iterable[str], bound_to: str | None) -> str:
        now = int(self._clock().timestamp())
        claims: dict[str, Any] = {
            "ver": 1,
            "jti": f"AT.{secrets.token_urlsafe(32)}",
            "iss": org_url,
            "aud": org_url,
            "sub": client_id,
            "iat": now,
            "exp": now + int(LIFETIME.total_seconds()),
            "cid": client_id,
            "scp": sorted(scopes),
        }
        return self._key.sign(claims | ({"cnf": {"jkt": bound_to}} if bound_to is not None else {}))

    def read(self, token: str) -> ServiceToken:
        """Raises InvalidTokenError for a token that is none of ours, or no longer good."""
        claims = self._key.read(token)
        if "cid" not in claims or "scp" not in claims:
            raise InvalidTokenError("not an access token")
        if not claims["iat"] <= self._clock().timestamp() < claims["exp"]:
            raise InvalidTokenError("The access token is expired.")
        return ServiceToken(claims["cid"], frozenset(claims["scp"]), claims.get("cnf", {}).get("jkt"))
