"""Codes and tokens of a tenant. A refresh token is not spent by its use: the service gives a new one beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from lab.entra.errors import new_guid
from lab.entra.resources import GRAPH, resource_of
from lab.openid.signing import InvalidTokenError, SigningKey
from lab.openid.tickets import Tickets

CODE_LIFETIME: Final = timedelta(minutes=10)
REFRESH_LIFETIME: Final = timedelta(days=90)
TOKEN_SECONDS: Final = 3599
CONTINUOUS_SECONDS: Final = 28 * 3600 - 1


@dataclass(frozen=True, slots=True)
class Grant:
    """What a user let an app have."""

    client_id: str
    user_id: str
    scopes: tuple[str, ...]
    authenticated: datetime
    nonce: str | None
    controls: frozenset[str] = frozenset()
    """Grant controls that were met at the sign-in."""
    capabilities: frozenset[str] = frozenset()
    """What the app can do, such as `cp1`."""


@dataclass(frozen=True, slots=True)
class Code:
    """What an authorization code stands for until it is redeemed. `challenge` is None without PKCE."""

    grant: Grant
    redirect_uri: str
    challenge: str | None


@dataclass(frozen=True, slots=True)
class Delegated:
    """An access token, its `uti`, and how long it is good."""

    token: str
    identifier: str
    seconds: int


class TokenService:
    """Issues tokens, all of them signed by one key."""

    def __init__(self, tenant_id: str, clock: Callable[[], datetime], key: SigningKey) -> None:
        self._tenant_id = tenant_id
        self._clock = clock
        self.key: Final = key
        self.codes: Final[Tickets[Code]] = Tickets(CODE_LIFETIME, clock, "1.")
        self.refresh: Final[Tickets[Grant]] = Tickets(REFRESH_LIFETIME, clock, "1.")

    def id_token(self, issuer: str, grant: Grant, profile: dict[str, Any]) -> str:
        """An ID token of version 2.0; `sub` is another one for every app."""
        claims = {
            "aud": grant.client_id,
            "iss": issuer,
            **self._times(),
            **profile,
            "oid": grant.user_id,
            "sub": pairwise_subject(grant.client_id, grant.user_id),
            "tid": self._tenant_id,
            "ver": "2.0",
        }
        return self.key.sign(claims | ({"nonce": grant.nonce} if grant.nonce is not None else {}))

    def delegated_token(self, grant: Grant, *, one_hour: bool = False) -> Delegated:
        """An access token on behalf of a user, for the resource that the grant's scopes ask for.

        A resource that evaluates access continuously gets tokens of 28 hours for apps that can handle a challenge,
        unless `one_hour` is asked for.
        """
        resource = resource_of(grant.scopes)
        continuous = resource.continuous and "cp1" in grant.capabilities
        seconds = CONTINUOUS_SECONDS if continuous and not one_hour else TOKEN_SECONDS
        scopes = [scope.removeprefix(f"{resource.uri}/") for scope in grant.scopes]
        claims: dict[str, Any] = {"oid": grant.user_id, "appid": grant.client_id, "scp": " ".join(scopes)}
        if continuous:
            claims["xms_cc"] = ["cp1"]
        identifier = new_guid()
        return Delegated(self._token(resource.uri, claims, identifier, seconds), identifier, seconds)

    def app_token(self, client_id: str, roles: Iterable[str]) -> str:
        """An access token for Graph on behalf of nobody but the app."""
        claims = {"appid": client_id, "idtyp": "app", "roles": sorted(roles)}
        return self._token(GRAPH, claims, new_guid(), TOKEN_SECONDS)

    def read_graph_token(self, token: str) -> dict[str, Any]:
        """The claims of a token that is good at Graph now. Raises InvalidTokenError."""
        return self.read(token, GRAPH)

    def read(self, token: str, audience: str) -> dict[str, Any]:
        """The claims of a token that is good for `audience` now. Raises InvalidTokenError."""
        claims = self.key.read(token)
        if claims.get("aud") != audience:
            raise InvalidTokenError("Access token validation failure. Invalid audience.")
        if not claims["nbf"] <= self._clock().timestamp() < claims["exp"]:
            raise InvalidTokenError("Lifetime validation failed, the token is expired.")
        return claims

    def _token(self, audience: str, claims: dict[str, Any], identifier: str, seconds: int) -> str:
        issuer = f"https://sts.windows.net/{self._tenant_id}/"
        shared = {"aud": audience, "iss": issuer, **self._times(seconds), "tid": self._tenant_id, "ver": "1.0"}
        return self.key.sign({**shared, **claims, "uti": identifier})

    def _times(self, seconds: int = TOKEN_SECONDS) -> dict[str, int]:
        now = int(self._clock().timestamp())
        return {"iat": now, "nbf": now, "exp": now + seconds}


def pairwise_subject(client_id: str, user_id: str) -> str:
    """The subject that an app sees of a user."""
    return hashlib.sha256(f"{client_id} {user_id}".encode()).hexdigest()[:43]
