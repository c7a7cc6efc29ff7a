"""Which scopes a service app was granted: `GET /api/v1/apps/{id}/grants` (Okta API docs, "Application grants")."""

from __future__ import annotations

from urllib.parse import quote

from okta_zones.exchange import Exchange
from okta_zones.needs import APP_GRANTS_READ
from okta_zones.okta.network_restriction import APPS
from okta_zones.okta.transport import list_all
from okta_zones.unreadable import Unreadable, or_unreadable


def granted_scopes(exchange: Exchange, client_id: str) -> frozenset[str] | Unreadable:
    """The scopes an administrator granted to the app, whether or not a token was asked for them."""

    def look() -> frozenset[str]:
        grants = list_all(exchange, f"{APPS}/{quote(client_id, safe='')}/grants")
        return frozenset(str(grant.get("scopeId")) for grant in grants if grant.get("status") != "INACTIVE")

    return or_unreadable("the scopes that the app was granted", APP_GRANTS_READ, look)
