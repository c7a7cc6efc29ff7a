"""The System Log: what is asked for, and what an event says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from okta_zones.errors import StrangeAnswerError
from okta_zones.exchange import Exchange
from okta_zones.okta.system_log import SignIn, ZoneChange, last_sign_in_from, last_sign_in_of, zone_changes
from okta_zones.unreadable import Unreadable, Why

LOGS = "GET /api/v1/logs"
ZONE = "nzoours0000000000001"
SINCE = datetime(2026, 11, 1, 12, tzinfo=UTC)


def event(event_type: str, *, target: list[dict[str, Any]] | None = None, result: str = "SUCCESS") -> dict[str, Any]:
    return {
        "uuid": f"uuid-{event_type}",
        "eventType": event_type,
        "published": "2026-11-01T12:00:05.353Z",
        "actor": {"id": "00uanna", "type": "User", "alternateId": "anna@acme.example", "displayName": "Anna"},
        "client": {"ipAddress": "198.51.100.7", "userAgent": {"rawUserAgent": "curl/8"}, "zone": "null"},
        "outcome": {"result": result, "reason": None},
        "target": target,
    }


def zone_target(zone_id: str) -> list[dict[str, Any]]:
    return [{"id": zone_id, "type": "NetworkZone", "alternateId": "unknown", "displayName": "Tunnel egress"}]


def test_changes_of_the_zone_by_everybody(org: Any, exchange: Exchange) -> None:
    org.answers[LOGS] = [
        event("zone.update", target=zone_target(ZONE)),
        event("zone.update", target=zone_target("nzoother000000000002")),
        event("zone.deactivate"),
    ]
    changes = zone_changes(exchange, ZONE, SINCE)
    assert isinstance(changes, tuple)
    assert changes[0] == ZoneChange(
        event_id="uuid-zone.update",
        event_type="zone.update",
        at="2026-11-01T12:00:05.353Z",
        actor_id="00uanna",
        actor="anna@acme.example",
        user_agent="curl/8",
        zone_id=ZONE,
    )
    assert [(each.event_type, each.zone_id) for each in changes[1:]] == [("zone.deactivate", None)]


def test_the_request_is_bounded_by_oktas_clock(org: Any, exchange: Exchange) -> None:
    org.answers[LOGS] = []
    exchange.clock_offset = 600.0
    zone_changes(exchange, ZONE, SINCE)
    (request,) = org.requests
    asked = dict(request.url.params)
    assert asked["since"] == "2026-11-01T12:00:00.000Z"
    ahead = datetime.fromisoformat(asked["until"]) - datetime.now(UTC)
    assert timedelta(minutes=10) < ahead < timedelta(minutes=12)
    assert 'eventType eq "zone.update"' in asked["filter"]
    assert asked["sortOrder"] == "ASCENDING"


def test_all_pages_are_read(org: Any, exchange: Exchange) -> None:
    link = {"Link": '<https://acme.okta.com/api/v1/logs?after=1>; rel="next"'}

    def answer(request: httpx.Request) -> httpx.Response:
        last = "after" in request.url.params
        return httpx.Response(200, json=[event("zone.update", target=zone_target(ZONE))], headers={} if last else link)

    org.answers[LOGS] = answer
    changes = zone_changes(exchange, ZONE, SINCE)
    assert isinstance(changes, tuple)
    assert len(changes) == 2


def test_the_newest_sign_in_from_an_address(org: Any, exchange: Exchange) -> None:
    org.answers[LOGS] = [event("policy.evaluate_sign_on", result="DENY")]
    found = last_sign_in_from(exchange, "198.51.100.7", SINCE)
    assert found == SignIn(
        "2026-11-01T12:00:05.353Z", "anna@acme.example", "198.51.100.7", "policy.evaluate_sign_on", "DENY"
    )
    asked = dict(org.requests[0].url.params)
    assert asked["filter"].endswith('and client.ipAddress eq "198.51.100.7"')
    assert (asked["sortOrder"], asked["limit"]) == ("DESCENDING", "1")


def test_nobody_signed_in(org: Any, exchange: Exchange) -> None:
    org.answers[LOGS] = []
    assert last_sign_in_from(exchange, "198.51.100.7", SINCE) is None


def test_the_address_that_okta_recorded_for_a_person(org: Any, exchange: Exchange) -> None:
    org.answers[LOGS] = [event("user.session.start")]
    found = last_sign_in_of(exchange, "anna@acme.example", SINCE)
    assert isinstance(found, SignIn)
    assert found.address == "198.51.100.7"
    assert 'actor.alternateId eq "anna@acme.example"' in org.requests[0].url.params["filter"]


@pytest.mark.parametrize("login", ['x" or eventType eq "y', "x\\", "x\n"])
def test_a_login_cannot_widen_the_question(org: Any, exchange: Exchange, login: str) -> None:
    with pytest.raises(StrangeAnswerError):
        last_sign_in_of(exchange, login, SINCE)
    assert org.requests == []


def test_a_log_that_may_not_be_read(org: Any, exchange: Exchange, forbidden: Callable[[], Any]) -> None:
    org.answers[LOGS] = forbidden()
    found = zone_changes(exchange, ZONE, SINCE)
    assert isinstance(found, Unreadable)
    assert (found.why, found.grant) == (Why.NOT_PERMITTED, "okta.logs.read")
