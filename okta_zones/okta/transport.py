"""Okta's manners over HTTP: its error bodies, its rate limit, its pages."""

from __future__ import annotations

import contextlib
import email.utils
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import httpx

from okta_zones.errors import StrangeAnswerError
from okta_zones.exchange import Exchange, Problem

SERVICE: Final = "Okta"
MOST_PAGES: Final = 1000


def connect(
    org_url: str, authorization: Callable[[], str], *, transport: httpx.BaseTransport | None = None
) -> Exchange:
    """An exchange with the Okta org at `org_url`."""
    return Exchange(
        org_url,
        service=SERVICE,
        read_problem=read_problem,
        authorization=authorization,
        transport=transport,
    )


def list_all(exchange: Exchange, path: str) -> Iterator[dict[str, Any]]:
    """Every object of a list, through all its pages.

    Okta pages by `Link: <…>; rel="next"`, whose address is opaque (Okta API docs, "Pagination"); twenty zones
    make a page. Raises FarEndError.
    """
    link: str | None = path
    followed: set[str] = set()
    while link is not None:
        followed.add(link)
        answer = exchange.read(link)
        if not isinstance(answer.json, list) or not all(isinstance(item, dict) for item in answer.json):
            raise StrangeAnswerError(SERVICE, f"GET {path} did not answer with a list")
        yield from answer.json
        link = answer.links.get("next")
        if link in followed or len(followed) > MOST_PAGES:
            raise StrangeAnswerError(SERVICE, f"GET {path} gives pages without end")


def read_problem(response: httpx.Response) -> Problem:
    """Okta's error body: errorCode, errorSummary and errorCauses (Okta API docs, "Error codes")."""
    wait = rate_limit_wait(response.headers, time.time()) if response.status_code == 429 else None
    try:
        body = response.json()
    except ValueError:
        return Problem(wait=wait)
    if not isinstance(body, dict):
        return Problem(wait=wait)
    causes = body.get("errorCauses")
    return Problem(
        code=_text(body.get("errorCode")),
        summary=_text(body.get("errorSummary")) or "",
        causes=tuple(
            str(cause["errorSummary"])
            for cause in (causes if isinstance(causes, list) else ())
            if isinstance(cause, dict) and "errorSummary" in cause
        ),
        wait=wait,
    )


def rate_limit_wait(headers: httpx.Headers, now: float) -> float | None:
    """Seconds until the rate limit is reset, one more to be sure; None where the headers do not say.

    `X-Rate-Limit-Reset` is in epoch seconds of Okta's clock, so it is compared with the answer's `Date`
    rather than with `now`. A limit of 0 is the limit of concurrent requests, whose reset is only a suggestion
    (Okta API docs, "Rate limits").
    """
    if headers.get("X-Rate-Limit-Limit") == "0":
        return None
    try:
        reset = float(headers["X-Rate-Limit-Reset"])
    except (KeyError, ValueError):
        return None
    with contextlib.suppress(KeyError, ValueError, TypeError):
        now = email.utils.parsedate_to_datetime(headers["Date"]).timestamp()
    return max(reset - now, 0) + 1


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
