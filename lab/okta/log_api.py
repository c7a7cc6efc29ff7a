"""GET /api/v1/logs: the System Log in pages. Filters other than an equal event type are not emulated."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.okta.api_route import api_route
from lab.okta.errors import OktaError, validation_failed
from lab.okta.org import Org
from lab.okta.paging import cursor_after, key_of, limit_of, link_pages
from lab.okta.system_log import Event

DEFAULT_PAGE: Final = 100
LARGEST_PAGE: Final = 1000
DEFAULT_PAST: Final = timedelta(days=7)
_TERM: Final = re.compile(r'eventType eq "([\w.]+)"')


class LogApi:
    """The System Log, for programs."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        return [api_route("GET", "/logs", self.list_events, "okta.logs.read")]

    async def list_events(self, request: Request) -> Response:
        limit = limit_of(request, DEFAULT_PAGE, LARGEST_PAGE)
        descending = request.query_params.get("sortOrder", "ASCENDING") == "DESCENDING"
        found = [(place, event) for place, event in self._behind(request) if self._wanted(request, event)]
        if descending:
            found.reverse()
        shown = found[:limit]
        response = JSONResponse([event for _, event in shown])
        polling = "until" not in request.query_params and not descending
        more = polling or len(found) > limit
        last = shown[-1][0] if shown else _after(request)
        link_pages(response, request, cursor_after(str(last)) if more else None, limit)
        return response

    def _behind(self, request: Request) -> list[tuple[int, Event]]:
        """Events with their places, from the cursor on in the direction of the list."""
        numbered = list(enumerate(self._org.log.events))
        if "after" not in request.query_params:
            return numbered
        place = _after(request)
        descending = request.query_params.get("sortOrder") == "DESCENDING"
        return numbered[:place] if descending else numbered[place + 1 :]

    def _wanted(self, request: Request, event: Event) -> bool:
        published = datetime.fromisoformat(event["published"])
        since = _time(request, "since") or self._org.clock() - DEFAULT_PAST
        until = _time(request, "until")
        types = _event_types(request.query_params.get("filter", ""))
        if published < since.replace(microsecond=since.microsecond // 1000 * 1000):
            return False
        if until is not None and published >= until:
            return False
        return not types or event["eventType"] in types


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


def _event_types(text: str) -> set[str]:
    if not text:
        return set()
    terms = [_TERM.fullmatch(part.strip()) for part in text.split(" or ")]
    if None in terms:
        raise OktaError(400, "E0000053", "Invalid SCIM filter.")
    return {term[1] for term in terms if term is not None}
