"""Writing a plan, with everything that can go wrong on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from dtr_rules.credentials import Secret
from okta_zones.addresses import AddressSet, parse_addresses, union
from okta_zones.apply import apply
from okta_zones.errors import FarEndError, LostAnswerError, Refusal, RefusedError, RejectedError
from okta_zones.exchange import FixedToken
from okta_zones.graph.locations import LocationTarget
from okta_zones.graph.transport import connect as connect_graph
from okta_zones.okta.transport import connect as connect_okta
from okta_zones.okta.zones import ZoneTarget
from okta_zones.plan import Plan, make_plan
from okta_zones.target import Target

NAME = "Tunnel egress"
OWNED = parse_addresses("203.0.113.0/28")
FOREIGN = {"type": "CIDR", "value": "198.51.100.7/24"}
OLD = {"type": "RANGE", "value": "203.0.113.9-203.0.113.9"}
NEW = {"type": "RANGE", "value": "203.0.113.10-203.0.113.11"}
ID = "11111111-1111-4111-8111-111111111111"


def wanted(*texts: str) -> AddressSet:
    return union(map(parse_addresses, texts or ("203.0.113.10", "203.0.113.11")))


def zone_target(okta: Any) -> ZoneTarget:
    exchange = connect_okta(
        "https://acme.okta.com", FixedToken("SSWS", Secret("okta-secret-token")), transport=okta.transport
    )
    return ZoneTarget(exchange, NAME)


def location_target(entra: Any) -> LocationTarget:
    exchange = connect_graph(
        "https://graph.microsoft.com", FixedToken("Bearer", Secret("graph-token")), transport=entra.transport
    )
    return LocationTarget(exchange, NAME)


def planned(target: Target) -> Plan:
    return make_plan(target.find(), wanted(), OWNED, target.notation, target.title)


def refusal(act: Callable[[], object]) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        act()
    return refused.value


@pytest.fixture
def okta(wire: Any) -> Any:
    return wire.Okta(zones=[wire.DYNAMIC_V2, wire.ip_zone("nzo1", NAME, [OLD, FOREIGN], proxies=[FOREIGN])])


@pytest.fixture
def entra(wire: Any) -> Any:
    return wire.Entra(
        locations=[wire.location(ID, isTrusted=True, ipRanges=[wire.v4("203.0.113.9/32"), wire.v4("8.8.8.0/24")])]
    )


# --- Okta ----------------------------------------------------------------------------------------------------------


def test_a_zone_is_written_once_and_read_back(okta: Any, clock: Any) -> None:
    target = zone_target(okta)
    now = apply(planned(target), target, clock.pace())
    assert now.entries == (FOREIGN, NEW)
    assert okta.zone("nzo1")["proxies"] == [FOREIGN]
    assert [call.split()[0] for call in okta.calls] == ["GET", "GET", "PUT", "GET"]
    assert clock.slept == []


def test_a_zone_that_is_right_is_not_written(okta: Any, clock: Any, wire: Any) -> None:
    okta.zones[1]["gateways"] = [FOREIGN, {"type": "CIDR", "value": "203.0.113.10/31"}]
    target = zone_target(okta)
    apply(planned(target), target, clock.pace())
    assert okta.writes == []


def test_a_zone_that_does_not_exist_is_created(okta: Any, clock: Any) -> None:
    del okta.zones[1]
    target = zone_target(okta)
    now = apply(planned(target), target, clock.pace())
    assert now.entries == (NEW,)
    assert [request.method for request in okta.writes] == ["POST"]


def test_somebody_elses_change_since_the_plan_is_not_overwritten(okta: Any, clock: Any) -> None:
    target = zone_target(okta)
    plan = planned(target)
    okta.zones[1]["gateways"].append({"type": "CIDR", "value": "192.0.2.0/24"})
    assert refusal(lambda: apply(plan, target, clock.pace())).reason is Refusal.CHANGED_MEANWHILE
    assert okta.writes == []


def test_other_peoples_settings_of_that_moment_are_kept(okta: Any, clock: Any) -> None:
    target = zone_target(okta)
    plan = planned(target)
    okta.zones[1]["proxies"] = [{"type": "CIDR", "value": "192.0.2.0/24"}]
    apply(plan, target, clock.pace())
    assert okta.body()["proxies"] == [{"type": "CIDR", "value": "192.0.2.0/24"}]


def test_a_zone_that_came_into_being_since_the_plan_is_not_made_twice(okta: Any, clock: Any, wire: Any) -> None:
    zone = okta.zones.pop(1)
    target = zone_target(okta)
    plan = planned(target)
    okta.zones.append(zone)
    assert refusal(lambda: apply(plan, target, clock.pace())).reason is Refusal.CHANGED_MEANWHILE
    assert okta.writes == []


def done_but_lost(far_end: Any) -> Callable[[httpx.Request], httpx.Response]:
    def act(request: httpx.Request) -> httpx.Response:
        far_end.answer(request)
        raise httpx.ReadTimeout("late", request=request)

    return act


def not_done(request: httpx.Request) -> httpx.Response:
    return httpx.Response(503)


def test_a_lost_answer_of_a_write_that_was_done(okta: Any, clock: Any) -> None:
    okta.first("PUT", done_but_lost(okta))
    target = zone_target(okta)
    assert apply(planned(target), target, clock.pace()).entries == (FOREIGN, NEW)
    assert len(okta.writes) == 1


def test_a_lost_answer_of_a_write_that_was_not_done(okta: Any, clock: Any) -> None:
    okta.first("PUT", not_done, times=2)
    target = zone_target(okta)
    assert apply(planned(target), target, clock.pace()).entries == (FOREIGN, NEW)
    assert [call.split()[0] for call in okta.calls] == ["GET", "GET", "PUT", "GET", "PUT", "GET", "PUT", "GET"]


def test_a_write_that_is_never_answered(okta: Any, clock: Any) -> None:
    okta.first("PUT", not_done, times=99)
    target = zone_target(okta)
    with pytest.raises(LostAnswerError, match="may have been done or not"):
        apply(planned(target), target, clock.pace())
    assert len(okta.writes) == 3


def test_a_lost_answer_and_then_something_else_there(okta: Any, clock: Any) -> None:
    def somebody_else(request: httpx.Request) -> httpx.Response:
        okta.zones[1]["gateways"] = [FOREIGN]
        raise httpx.ReadError("cut", request=request)

    okta.first("PUT", somebody_else)
    target = zone_target(okta)
    assert refusal(lambda: apply(planned(target), target, clock.pace())).reason is Refusal.CHANGED_MEANWHILE
    assert len(okta.writes) == 1


def test_a_write_that_okta_forgets(okta: Any, clock: Any) -> None:
    okta.first("PUT", lambda request: httpx.Response(200, json=okta.zones[1]))
    target = zone_target(okta)
    refused = refusal(lambda: apply(planned(target), target, clock.pace()))
    assert refused.reason is Refusal.NOT_AS_WRITTEN
    assert "lacks 203.0.113.10-203.0.113.11; also holds 203.0.113.9" in str(refused)
    assert clock.now == 60


def test_a_write_that_loses_the_proxies(okta: Any, clock: Any) -> None:
    def forgetful(request: httpx.Request) -> httpx.Response:
        answer = okta.answer(request)
        okta.zones[1]["proxies"] = None
        return answer

    okta.first("PUT", forgetful)
    target = zone_target(okta)
    refused = refusal(lambda: apply(planned(target), target, clock.pace()))
    assert refused.reason is Refusal.NOT_AS_WRITTEN
    assert "has other settings than before: proxies" in str(refused)


def test_okta_refuses_the_write(okta: Any, clock: Any, wire: Any) -> None:
    answer = wire.okta_error(400, "E0000001", "Api validation failed: gateways", "gateways: no")
    okta.first("PUT", lambda request: answer)
    target = zone_target(okta)
    with pytest.raises(RejectedError, match="E0000001"):
        apply(planned(target), target, clock.pace())
    assert len(okta.writes) == 1


def test_a_rate_limit_during_the_write_is_waited_for(okta: Any, clock: Any, wire: Any) -> None:
    okta.first("PUT", lambda request: wire.okta_error(429, "E0000047", "API call exceeded rate limit"))
    target = zone_target(okta)
    assert apply(planned(target), target, clock.pace()).entries == (FOREIGN, NEW)


# --- Entra ---------------------------------------------------------------------------------------------------------


def test_a_location_is_patched_and_proved_by_several_reads(entra: Any, clock: Any, wire: Any) -> None:
    target = location_target(entra)
    now = apply(planned(target), target, clock.pace())
    assert now.entries == (wire.v4("8.8.8.0/24"), wire.v4("203.0.113.10/31"))
    assert now.settings["isTrusted"] is True
    assert [call.split()[0] for call in entra.calls] == ["GET", "GET", "PATCH", "GET", "GET", "GET"]
    assert clock.slept == [1.0, 1.0]


def test_another_order_is_no_change(entra: Any, clock: Any, wire: Any) -> None:
    target = location_target(entra)
    plan = planned(target)
    entra.locations[0]["ipRanges"].reverse()
    assert set(map(str, apply(plan, target, clock.pace()).entries)) == set(map(str, plan.entries))


def test_old_and_new_by_turns_do_not_count_as_proof(entra: Any, clock: Any) -> None:
    entra.staleness = 4
    target = location_target(entra)
    apply(planned(target), target, clock.pace())
    assert len(clock.slept) == 8 + 2


def test_a_new_location_may_not_be_there_at_once(entra: Any, clock: Any, wire: Any) -> None:
    entra.locations.clear()
    entra.staleness = 2
    target = location_target(entra)
    assert apply(planned(target), target, clock.pace()).entries == (wire.v4("203.0.113.10/31"),)


def test_a_lost_answer_of_a_creation_is_only_looked_for(entra: Any, clock: Any) -> None:
    entra.locations.clear()
    entra.first("POST", done_but_lost(entra))
    target = location_target(entra)
    apply(planned(target), target, clock.pace())
    assert len(entra.locations) == 1


def test_a_creation_that_is_never_seen_is_not_repeated(entra: Any, clock: Any) -> None:
    entra.locations.clear()
    entra.first("POST", not_done)
    target = location_target(entra)
    with pytest.raises(FarEndError, match="may have been done or not"):
        apply(planned(target), target, clock.pace())
    assert len(entra.writes) == 1
    assert clock.now == 60


def test_a_trust_that_goes_lost_is_noticed(entra: Any, clock: Any) -> None:
    def careless(request: httpx.Request) -> httpx.Response:
        answer = entra.answer(request)
        entra.locations[0]["isTrusted"] = False
        return answer

    entra.first("PATCH", careless)
    target = location_target(entra)
    assert "isTrusted" in str(refusal(lambda: apply(planned(target), target, clock.pace())))
