"""GET /api/v1/logs: the System Log in pages.

A query without `until` is polling: its `next` link is always there. One with `until` ends with its last page.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.okta.api_route import api_route
from lab.okta.errors import OktaError, validation_failed
from lab.okta.org import Org
from lab.okta.paging import cursor_after, key_of, limit_of, link_pages
from lab.okta.scim_filter import FilterError, Selects, read_filter
from lab.okta.system_log import Event

DEFAULT_PAGE: Final = 100
LARGEST_PAGE: Final = 1000
DEFAULT_PAST: Final = timedelta(days=7)
MOST_WORDS: Final = 10
ORDERS: Final = ("ASCENDING", "DESCENDING")


class LogApi:
    """The System Log, for programs."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        return [api_route("GET", "/logs", self.list_events, "okta.logs.read")]

    async def list_events(self, request: Request) -> Response:
        limit = limit_of(request, DEFAULT_PAGE, LARGEST_PAGE)
        order = request.query_params.get("sortOrder", "ASCENDING")
        if order not in ORDERS:
            raise validation_failed("sortOrder", f"The field must be one of {', '.join(ORDERS)}")
        descending = order == "DESCENDING"
        selects = self._selection(request)
        found = [(place, event) for place, event in self._behind(request, descending=descending) if selects(event)]
        if descending:
            found.reverse()
        shown = found[:limit]
        response = JSONResponse([event for _, event in shown])
        polling = "until" not in request.query_params and not descending
        more = polling or len(found) > limit
        last = shown[-1][0] if shown else _after(request)
        link_pages(response, request, cursor_after(str(last)) if more else None, limit)
        return response

    def _behind(self, request: Request, *, descending: bool) -> list[tuple[int, Event]]:
        """Events with their places, from the cursor on in the direction of the list."""
        newest = self._org.clock() - self._org.knobs.log_delay
        numbered = [pair for pair in enumerate(self._org.log.events) if _published(pair[1]) <= newest]
        if "after" not in request.query_params:
            return numbered
        place = _after(request)
        return numbered[:place] if descending else numbered[place + 1 :]

    def _selection(self, request: Request) -> Selects:
        """What the query asks for. Raises OktaError (400)."""
        since = _time(request, "since") or self._org.clock() - DEFAULT_PAST
        since = since.replace(microsecond=since.microsecond // 1000 * 1000)
        until = _time(request, "until")
        matches = _filter(request.query_params.get("filter", ""))
        words = request.query_params.get("q", "").lower().split()
        if len(words) > MOST_WORDS:
            raise validation_failed("q", f"The field holds at most {MOST_WORDS} keywords")

        def selects(event: Mapping[str, Any]) -> bool:
            published = _published(event)
            if published < since or (until is not None and published >= until):
                return False
            return matches(event) and _has_words(event, words)

        return selects


def _published(event: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(event["published"])


def _filter(text: str) -> Selects:
    if not text:
        return lambda _: True
    try:
        return read_filter(text)
    except FilterError as error:
        raise OktaError(400, "E0000053", "Invalid SCIM filter.") from error


def _has_words(event: Mapping[str, Any], words: list[str]) -> bool:
    texts = [text.lower() for text in _texts(event)] if words else []
    return all(any(word in text for text in texts) for word in words)


def _texts(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []


def _after(request: Request) -> int:
    """The place of the last event that the caller has seen; -1 for none."""
    if "after" not in request.query_params:
        return -1
    key = key_of(request.query_params["after"])
    if not key.isascii() or not key.removeprefix("-").isdigit():
        raise validation_failed("after", "Not a cursor of this list")
    return int(key)


def _time(request: Request, name: str) -> datetime | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise validation_failed(name, "The date must be in ISO 8601") from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
