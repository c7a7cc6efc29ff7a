"""API tokens (SSWS): who owns them, from where they work, until when (Okta API, ApiToken; recorded traffic)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from lab.okta.errors import not_found
from lab.okta.identifiers import new_id, whole_seconds
from lab.okta.network_restriction import NetworkRestriction
from lab.okta.roles import Role
from lab.okta.system_log import Party
from lab.openid.passwords import SecretDigest

UNUSED_FOR: Final = timedelta(days=30)
"""How long a token lives without being used; every use starts the time anew."""


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token at one moment; it acts as the administrator who made it."""

    id: str
    name: str
    owner: Party
    role: Role
    digest: SecretDigest = field(repr=False)
    network: NetworkRestriction
    created: datetime
    last_updated: datetime
    expires: datetime

    def to_json(self, org_url: str) -> dict[str, Any]:
        own = f"{org_url}/api/v1/api-tokens/{self.id}"
        return {
            "id": self.id,
            "name": self.name,
            "userId": self.owner.id,
            "clientName": "Okta API",
            "tokenWindow": "P30D",
            "network": self.network.to_json(),
            "expiresAt": whole_seconds(self.expires),
            "created": whole_seconds(self.created),
            "lastUpdated": whole_seconds(self.last_updated),
            "_links": {
                "self": {"href": own, "hints": {"allow": ["GET", "DELETE"]}},
                "user": {"href": f"{org_url}/api/v1/users/{self.owner.id}", "hints": {"allow": ["GET"]}},
            },
        }


class ApiTokens:
    """The tokens of an org, oldest first."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._tokens: dict[str, ApiToken] = {}

    def create(
        self,
        name: str,
        owner: Party,
        secret: str,
        *,
        role: Role = Role.SUPER_ADMIN,
        network: NetworkRestriction | None = None,
    ) -> ApiToken:
        """A new token with `secret`: the real service makes tokens in its console only."""
        now = self._clock()
        token = ApiToken(
            id=new_id("00T"),
            name=name,
            owner=owner,
            role=role,
            digest=SecretDigest.of(secret),
            network=network or NetworkRestriction(),
            created=now,
            last_updated=now,
            expires=now + UNUSED_FOR,
        )
        self._tokens[token.id] = token
        return token

    def all(self) -> list[ApiToken]:
        return list(self._tokens.values())

    def get(self, token_id: str) -> ApiToken:
        """Raises OktaError (404)."""
        if token_id not in self._tokens:
            raise not_found(token_id, "ApiToken")
        return self._tokens[token_id]

    def used(self, secret: str) -> ApiToken | None:
        """The token with this secret, used now; None where there is none, or none that still lives."""
        now = self._clock()
        for token in self._tokens.values():
            if token.expires > now and token.digest.matches(secret):
                return self._store(replace(token, expires=now + UNUSED_FOR))
        return None

    def restrict(self, token_id: str, network: NetworkRestriction) -> ApiToken:
        """Change from where a token works. Raises OktaError (404)."""
        return self._store(replace(self.get(token_id), network=network, last_updated=self._clock()))

    def revoke(self, token_id: str) -> ApiToken:
        """Raises OktaError (404)."""
        token = self.get(token_id)
        del self._tokens[token_id]
        return token

    def _store(self, token: ApiToken) -> ApiToken:
        self._tokens[token.id] = token
        return token
