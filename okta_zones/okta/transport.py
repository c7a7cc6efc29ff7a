"""Okta's manners over HTTP: one exchange with an org, and its lists through all their pages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import httpx

from okta_zones.errors import StrangeAnswerError
from okta_zones.exchange import Authorization, Exchange, Limits, Throttle
from okta_zones.exchange.throttle import Hold
from okta_zones.okta.problem import read_problem

SERVICE: Final = "Okta"
MOST_PAGES: Final = 1000


def connect(
    org_url: str,
    authorization: Authorization | None,
    *,
    throttle: Throttle | None = None,
    limits: Limits | None = None,
    transport: httpx.BaseTransport | None = None,
    hold: Hold | None = None,
    clock: Callable[[], float] = time.time,
) -> Exchange:
    """An exchange with the Okta org at `org_url`; without an authorization, with what it shows everybody."""
    return Exchange(
        org_url,
        service=SERVICE,
        read_problem=read_problem,
        authorization=authorization,
        throttle=throttle,
        limits=limits,
        transport=transport,
        hold=hold,
        clock=clock,
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
