"""What is read of a tenant beside its locations: the policies that name one, and the sign-in log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from dtr_rules.credentials import Secret
from okta_zones.errors import StrangeAnswerError
from okta_zones.exchange import Exchange, FixedToken
from okta_zones.graph.policies import How, uses_of_location
from okta_zones.graph.sign_ins import SignIn, last_sign_in_from
from okta_zones.graph.transport import connect
from okta_zones.unreadable import Unreadable, Why

ID = "11111111-1111-4111-8111-111111111111"
SINCE = datetime(2026, 11, 1, 12, tzinfo=UTC)


class Graph:
    """Answers every request alike, but for the first where a test says so."""

    def __init__(self) -> None:
        self.answer = httpx.Response(200, json={"value": []})
        self.first: httpx.Response | None = None
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.first if self.first is not None and len(self.requests) == 1 else self.answer


@pytest.fixture
def graph() -> Graph:
    return Graph()


@pytest.fixture
def exchange(graph: Graph) -> Iterator[Exchange]:
    token = FixedToken("Bearer", Secret("token"))
    with connect("https://graph.microsoft.com", token, transport=httpx.MockTransport(graph)) as made:
        yield made


def policy(name: str, **locations: list[str]) -> dict[str, Any]:
    """As the documentation shows one that blocks outside."""
    return {
        "id": f"id of {name}",
        "displayName": name,
        "state": "enabled",
        "conditions": {"clientAppTypes": ["all"], "locations": locations or None},
        "grantControls": {"operator": "OR", "builtInControls": ["block"]},
    }


def forbidden(code: str) -> httpx.Response:
    return httpx.Response(403, json={"error": {"code": code, "message": "Insufficient privileges"}})


def test_policies_name_a_location_by_its_id_or_by_its_trust(graph: Graph, exchange: Exchange) -> None:
    policies = [
        policy("outside", includeLocations=["All"], excludeLocations=[ID.upper()]),
        policy("trusted", includeLocations=["All"], excludeLocations=["AllTrusted"]),
        policy("inside", includeLocations=[ID], excludeLocations=[]),
        policy("everywhere"),
        policy("off", includeLocations=["All"], excludeLocations=[ID]) | {"state": "disabled", "grantControls": None},
    ]
    graph.answer = httpx.Response(200, json={"value": policies})
    found = uses_of_location(exchange, ID, trusted=False)
    assert isinstance(found, tuple)
    assert [(use.name, use.how, use.enforced, use.controls) for use in found] == [
        ("outside", How.EXCLUDE, True, ("block",)),
        ("inside", How.INCLUDE, True, ("block",)),
        ("off", How.EXCLUDE, False, ()),
    ]
    trusted = uses_of_location(exchange, ID, trusted=True)
    assert isinstance(trusted, tuple)
    assert ("trusted", How.EXCLUDE_AS_TRUSTED) in [(use.name, use.how) for use in trusted]


def test_the_newest_sign_in_from_an_address(graph: Graph, exchange: Exchange) -> None:
    entry = {
        "createdDateTime": "2026-11-01T13:00:00Z",
        "userPrincipalName": "anna@acme.example",
        "ipAddress": "203.0.113.10",
        "appDisplayName": "Office",
        "status": {"errorCode": 53003},
    }
    graph.answer = httpx.Response(200, json={"value": [entry]})
    found = last_sign_in_from(exchange, "203.0.113.10", SINCE)
    assert found == SignIn("2026-11-01T13:00:00Z", "anna@acme.example", "203.0.113.10", "Office", 53003)
    asked = dict(graph.requests[0].url.params)
    assert asked["$filter"] == "ipAddress eq '203.0.113.10' and createdDateTime ge 2026-11-01T12:00:00Z"


def test_an_empty_first_page_does_not_say_that_nobody_signed_in(graph: Graph, exchange: Exchange) -> None:
    link = "https://graph.microsoft.com/v1.0/auditLogs/signIns?$skiptoken=2"
    graph.first = httpx.Response(200, json={"value": [], "@odata.nextLink": link})
    graph.answer = httpx.Response(200, json={"value": [{"userPrincipalName": "anna@acme.example"}]})
    found = last_sign_in_from(exchange, "203.0.113.10", SINCE)
    assert isinstance(found, SignIn)
    assert found.user == "anna@acme.example"


def test_nobody_signed_in(exchange: Exchange) -> None:
    assert last_sign_in_from(exchange, "2001:db8::1", SINCE) is None


def test_an_address_cannot_widen_the_question(graph: Graph, exchange: Exchange) -> None:
    with pytest.raises(StrangeAnswerError):
        last_sign_in_from(exchange, "1' or ''eq'", SINCE)
    assert graph.requests == []


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("Authorization_RequestDenied", Why.NOT_PERMITTED),
        ("Authentication_RequestFromNonPremiumTenantOrB2CTenant", Why.NOT_AVAILABLE),
    ],
)
def test_that_nobody_may_look_is_an_answer(graph: Graph, exchange: Exchange, code: str, why: Why) -> None:
    graph.answer = forbidden(code)
    signed_in, uses = last_sign_in_from(exchange, "203.0.113.10", SINCE), uses_of_location(exchange, ID, trusted=False)
    assert isinstance(signed_in, Unreadable)
    assert isinstance(uses, Unreadable)
    assert signed_in.why is uses.why is why
