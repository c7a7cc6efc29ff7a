"""From which networks a credential of okta-zones may be used: the trap of a token bound to the zone it rewrites.

An API token shows it in `GET /api/v1/api-tokens/{id}`, an OAuth app in `GET /api/v1/apps/{client id}`
(`settings.oauthClient.network`): `{"connection": "ANYWHERE" | "ZONE", "include"/"exclude": [zone ids]}`. A token
does not tell its own id, so that the file has to (`token-id`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from okta_zones.config.okta_credential import ApiToken, OktaCredential
from okta_zones.errors import StrangeAnswerError
from okta_zones.exchange import Exchange
from okta_zones.needs import API_TOKENS_READ, APPS_READ
from okta_zones.okta.transport import SERVICE
from okta_zones.unreadable import Unreadable, Why, or_unreadable

API_TOKENS: Final = "/api/v1/api-tokens"
APPS: Final = "/api/v1/apps"
EVERY_ZONE: Final = ("ALL_ZONES", "ALL_IP_ZONES")
_WHAT: Final = "the network restriction of the credential"


@dataclass(frozen=True, slots=True)
class Restriction:
    """`anywhere`, or the ids of the zones that a request must come from (or must not)."""

    anywhere: bool
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def depends_on(self, zone_id: str) -> bool:
        """Whether a change of this zone can change who may use the credential."""
        return not self.anywhere and any(each in (zone_id, *EVERY_ZONE) for each in (*self.include, *self.exclude))


def network_restriction(exchange: Exchange, credential: OktaCredential) -> Restriction | Unreadable:
    """The restriction of the credential in use. Raises FarEndError."""
    if isinstance(credential, ApiToken):
        if credential.id is None:
            return Unreadable(_WHAT, Why.NOT_CONFIGURED, "write the token's id as token-id")
        path = f"{API_TOKENS}/{quote(credential.id, safe='')}"
        return or_unreadable(_WHAT, API_TOKENS_READ, lambda: read_restriction(_object(exchange, path).get("network")))
    path = f"{APPS}/{quote(credential.client_id, safe='')}"
    return or_unreadable(_WHAT, APPS_READ, lambda: read_restriction(_of_app(_object(exchange, path))))


def read_restriction(network: object) -> Restriction:
    """The restriction that a `network` object says; without one there is none."""
    if not isinstance(network, Mapping) or network.get("connection") in (None, "ANYWHERE", "DISABLED"):
        return Restriction(anywhere=True)
    return Restriction(False, _ids(network.get("include")), _ids(network.get("exclude")))


def _object(exchange: Exchange, path: str) -> Mapping[str, Any]:
    found = exchange.read(path).json
    if not isinstance(found, dict):
        raise StrangeAnswerError(SERVICE, f"{path} did not answer with an object")
    return found


def _of_app(app: Mapping[str, Any]) -> object:
    settings = app.get("settings")
    client = settings.get("oauthClient") if isinstance(settings, dict) else None
    return client.get("network") if isinstance(client, dict) else None


def _ids(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()
