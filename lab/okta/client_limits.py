"""Client-based rate limits of the sign-in page (Okta reference, "Client-based rate limits").

Requests count by client, address and device cookie: people who leave by one egress address and have no such cookie
yet share one count.
"""

from __future__ import annotations

import secrets
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from lab.okta.arrival import UNKNOWN, arrival_of
from lab.okta.org import Org
from lab.okta.pages import page
from lab.okta.rate_limits import Counts

DEVICE_COOKIE: Final = "DT"
TWO_YEARS: Final = 2 * 365 * 24 * 3600


class ClientLimits:
    """Counts requests for the sign-in page."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._counts: Final = Counts(org.clock)

    def refusal(self, request: Request, client_id: str) -> Response | None:
        """429 for one request too many in its minute; the first one is logged."""
        most, origin = self._org.knobs.client_requests_per_minute, arrival_of(request).origin
        if most is None:
            return None
        used = self._counts.add(f"{client_id} {origin.address} {request.cookies.get(DEVICE_COOKIE, '')}")
        if used <= most:
            return None
        if used == most + 1:
            self._org.log.add("system.client.rate_limit.violation", origin, actor=UNKNOWN, outcome="FAILURE")
        return page("message.html", 429, title="Too many requests", text="Wait for a minute, then try again.")


def with_device_cookie(request: Request, response: Response) -> Response:
    """`response`, and a device cookie for a browser that has none."""
    if DEVICE_COOKIE not in request.cookies:
        ticket = secrets.token_urlsafe(24)
        response.set_cookie(
            DEVICE_COOKIE, ticket, max_age=TWO_YEARS, path="/", secure=True, httponly=True, samesite="lax"
        )
    return response
