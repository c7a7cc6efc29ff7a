"""When an app registration's client secrets end: Graph v1.0, `GET /applications(appId=…)`, Application.Read.All."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from okta_zones.exchange import Exchange
from okta_zones.far_time import moment
from okta_zones.needs import APPLICATION_READ
from okta_zones.unreadable import Unreadable, or_unreadable


def newest_secret_ends(exchange: Exchange, client_id: str) -> datetime | Unreadable | None:
    """The end of the newest secret; which of them is in use, nobody can tell. None: none ends. Raises FarEndError."""

    def look() -> datetime | None:
        app: Any = exchange.read(f"/v1.0/applications(appId='{client_id}')?$select=passwordCredentials").json
        secrets = app.get("passwordCredentials") if isinstance(app, dict) else None
        ends = [
            moment(secret.get("endDateTime"))
            for secret in (secrets if isinstance(secrets, list) else ())
            if isinstance(secret, dict)
        ]
        return max((each for each in ends if each is not None), default=None)

    return or_unreadable("when the client secret ends", APPLICATION_READ, look)
