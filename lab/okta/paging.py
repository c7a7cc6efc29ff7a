"""Pages of a list: `Link` header lines, opaque cursors (Okta API reference, pagination; recorded traffic)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Protocol, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from lab.okta.arrival import org_url
from lab.okta.errors import validation_failed


class Identified(Protocol):
    """An entry of a list that is paged by ids."""

    @property
    def id(self) -> str: ...


E = TypeVar("E", bound=Identified)


def cursor_after(key: str) -> str:
    """A cursor that continues behind the entry with this key."""
    return base64.urlsafe_b64encode(key.encode()).rstrip(b"=").decode("ascii")


def key_of(cursor: str) -> str:
    """The key that a cursor was made of. Raises OktaError (400)."""
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError) as error:
        raise validation_failed("after", "Not a cursor of this list") from error


def limit_of(request: Request, default: int, most: int) -> int:
    """The `limit` of a request: `default` if it has none, never more than `most`. Raises OktaError (400)."""
    text = request.query_params.get("limit", "")
    if not text or text == "-1":
        return default
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise validation_failed("limit", "The limit must be a positive number")
    return min(int(text), most)


def page_of(entries: Sequence[E], request: Request, limit: int) -> tuple[Sequence[E], str | None]:
    """The page that a request asks for, and the cursor of the next one if there is more. Raises OktaError (400)."""
    start = 0
    if "after" in request.query_params:
        key = key_of(request.query_params["after"])
        start = next((place + 1 for place, entry in enumerate(entries) if entry.id == key), len(entries))
    shown = entries[start : start + limit]
    return shown, cursor_after(shown[-1].id) if len(entries) > start + limit else None


def link_pages(response: Response, request: Request, next_cursor: str | None, limit: int) -> None:
    """Add the `self` line, and the `next` line where there is more."""
    url = f"{org_url(request)}{request.url.path}"
    query = list(request.query_params.multi_items())
    response.headers.append("Link", f'<{_with_query(url, query)}>; rel="self"')
    if next_cursor is not None:
        kept = [(name, value) for name, value in query if name not in ("after", "limit")]
        following = [("after", next_cursor), ("limit", str(limit)), *kept]
        response.headers.append("Link", f'<{_with_query(url, following)}>; rel="next"')


def _with_query(url: str, query: list[tuple[str, str]]) -> str:
    return f"{url}?{urlencode(query)}" if query else url
