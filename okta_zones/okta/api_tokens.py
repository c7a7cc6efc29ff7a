"""Which API tokens are bound to a zone: `GET /api/v1/api-tokens` (Okta API docs, "API Tokens")."""

from __future__ import annotations

from okta_zones.exchange import Exchange
from okta_zones.needs import API_TOKENS_READ
from okta_zones.okta.network_restriction import API_TOKENS
from okta_zones.okta.transport import list_all
from okta_zones.okta.zone_use import ZoneUse, how_named
from okta_zones.unreadable import Unreadable, or_unreadable


def api_tokens_naming_zone(exchange: Exchange, zone_id: str) -> tuple[ZoneUse, ...] | Unreadable:
    """Every API token of the org whose network restriction names the zone. Raises FarEndError."""
    return or_unreadable("the network restrictions of API tokens", API_TOKENS_READ, lambda: _look(exchange, zone_id))


def _look(exchange: Exchange, zone_id: str) -> tuple[ZoneUse, ...]:
    return tuple(
        ZoneUse("API_TOKEN", str(token.get("id")), str(token.get("name")), how)
        for token in list_all(exchange, API_TOKENS)
        if (how := how_named(token.get("network"), zone_id)) is not None
    )
