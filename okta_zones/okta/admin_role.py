"""Whether the owner of an API token may write zones: a token carries its owner's administrator roles.

`GET /api/v1/users/me` is the owner, `GET /api/v1/users/{id}/roles` are the roles (Okta API docs, "Role assignments").
Zones are written by super and organisation administrators; what a custom role allows is not read here.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from okta_zones.errors import RejectedError
from okta_zones.exchange import Exchange
from okta_zones.okta.transport import list_all

WRITERS: Final = frozenset({"SUPER_ADMIN", "ORG_ADMIN"})
_CUSTOM: Final = "CUSTOM"


def may_write_zones(exchange: Exchange) -> bool | None:
    """None where the roles cannot be read, or say nothing of zones. Raises FarEndError other than a refusal."""
    try:
        owner = exchange.read("/api/v1/users/me").json
        user_id = owner.get("id") if isinstance(owner, dict) else None
        roles = list(list_all(exchange, f"/api/v1/users/{quote(str(user_id), safe='')}/roles"))
    except RejectedError:
        return None
    types = {str(role.get("type")) for role in roles if role.get("status") != "INACTIVE"}
    if types & WRITERS:
        return True
    return None if _CUSTOM in types else False
