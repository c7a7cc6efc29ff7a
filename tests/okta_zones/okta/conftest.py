"""An Okta org in memory that answers from a table of paths, and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from dtr_rules.credentials import Secret
from okta_zones.exchange import Exchange, FixedToken
from okta_zones.okta.transport import connect


class Org:
    """`answers` maps `METHOD /path` to a JSON body, to a response, or to what makes one of a request."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.get(f"{request.method} {request.url.path}")
        if callable(answer):
            answer = answer(request)
        if answer is None:
            return self.error(404, "E0000007", "Not found")
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self)

    @property
    def asked(self) -> list[str]:
        return [f"{request.method} {request.url.path}" for request in self.requests]

    def sent(self, path: str) -> Any:
        return [json.loads(each.content) for each in self.requests if each.url.path == path][-1]

    @staticmethod
    def error(status: int, code: str, summary: str = "") -> httpx.Response:
        body = {"errorCode": code, "errorSummary": summary, "errorLink": code, "errorId": "oae", "errorCauses": []}
        return httpx.Response(status, json=body)


@pytest.fixture
def org() -> Org:
    return Org()


@pytest.fixture
def exchange(org: Org) -> Iterator[Exchange]:
    with connect("https://acme.okta.com", FixedToken("SSWS", Secret("token")), transport=org.transport) as made:
        yield made


@pytest.fixture
def forbidden(org: Org) -> Callable[[], httpx.Response]:
    """What a credential gets that may not."""
    return lambda: org.error(403, "E0000006", "You do not have permission to perform the requested action")
