"""Graph's manners over HTTP: its error bodies, its throttling, its pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import httpx

from okta_zones.errors import StrangeAnswerError
from okta_zones.exchange import Authorization, Exchange, Limits, Problem, Throttle
from okta_zones.exchange.throttle import Hold

SERVICE: Final = "Graph"
MOST_PAGES: Final = 1000


def connect(
    graph_url: str,
    authorization: Authorization,
    *,
    throttle: Throttle | None = None,
    limits: Limits | None = None,
    transport: httpx.BaseTransport | None = None,
    hold: Hold | None = None,
) -> Exchange:
    """An exchange with Graph at `graph_url`.

    Conditional access takes one request a second from all apps of a tenant together, and its 429 has no
    Retry-After (Graph docs, "throttling limits"): hence the long first wait, and a throttle that spaces requests.
    """
    return Exchange(
        graph_url,
        service=SERVICE,
        read_problem=read_problem,
        authorization=authorization,
        throttle=throttle,
        limits=limits,
        first_wait=1.5,
        transport=transport,
        hold=hold,
    )


def list_all(exchange: Exchange, path: str) -> Iterator[dict[str, Any]]:
    """Every object of a collection, through all its pages (`@odata.nextLink`, opaque). Raises FarEndError."""
    link: str | None = path
    followed: set[str] = set()
    while link is not None:
        followed.add(link)
        page = exchange.read(link).json
        items = page.get("value") if isinstance(page, dict) else None
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise StrangeAnswerError(SERVICE, f"GET {path} did not answer with a collection")
        yield from items
        link = page.get("@odata.nextLink")
        if link in followed or len(followed) > MOST_PAGES or not isinstance(link, str | None):
            raise StrangeAnswerError(SERVICE, f"GET {path} gives pages without end")


def read_problem(response: httpx.Response) -> Problem:
    """Graph's error body, `{"error": {"code", "message", …}}`, and its Retry-After where there is one."""
    wait = _seconds(response.headers.get("Retry-After"))
    try:
        error = response.json()["error"]
        return Problem(code=str(error["code"]), summary=str(error["message"]), wait=wait)
    except (ValueError, KeyError, TypeError, RecursionError):
        return Problem(wait=wait)


def _seconds(retry_after: str | None) -> float | None:
    return float(retry_after) if retry_after is not None and retry_after.isdecimal() else None
