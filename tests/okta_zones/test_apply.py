"""Writing a plan, with everything that can go wrong on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from dtr_rules.credentials import Secret
from okta_zones.addresses import AddressSet, parse_addresses, union
from okta_zones.apply import apply as apply_with
from okta_zones.errors import FarEndError, LostAnswerError, Refusal, RefusedError, RejectedError
from okta_zones.exchange import FixedToken
from okta_zones.graph.locations import LocationTarget
from okta_zones.graph.transport import connect as connect_graph
from okta_zones.journal import Journal, Place, Step
from okta_zones.okta.transport import connect as connect_okta
from okta_zones.okta.zones import ZoneTarget
from okta_zones.plan import Order, Plan, Rules, make_plan
from okta_zones.target import Current, Target

NAME = "Tunnel egress"
SCOPE = "a tenant"
ACCEPTED = frozenset({Refusal.NOT_PUBLIC, Refusal.HALF_REMOVED})
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


def place_of(current: Current | None) -> Place:
    return Place(SCOPE, NAME, current.id if current else None)


@dataclass
class Book:
    """The journal, and plans and writes with it: the old address is ours, and named to be removed."""

    journal: Journal
    pace: Any

    def planned(self, target: Target) -> Plan:
        current = target.find()
        place = place_of(current)
        order = Order(wanted(), parse_addresses("203.0.113.9"))
        owned = [each.addresses for each in self.journal.owned(place)]
        return make_plan(place, current, owned, order, Rules(target.notation, accepted=ACCEPTED), title=target.title)

    def apply(self, plan: Plan, target: Target) -> Current:
        now = apply_with(plan, target, self.journal, self.pace)
        assert now is not None
        return now

    def keep(self, target: Target) -> Current:
        return self.apply(self.planned(target), target)

    @property
    def steps(self) -> list[Step]:
        return [record.step for record in self.journal.history() if record.step is not Step.ADOPTED]

    def ours(self, target_id: str) -> list[str]:
        return [str(each.addresses) for each in self.journal.owned(Place(SCOPE, NAME, target_id))]


@pytest.fixture
def book(journal: Journal, clock: Any) -> Book:
    for target_id in ("nzo1", ID):
        journal.adopt(Place(SCOPE, NAME, target_id), [parse_addresses("203.0.113.9")])
    return Book(journal, clock.pace())


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


def test_a_zone_is_written_once_and_read_back(okta: Any, book: Book, clock: Any) -> None:
    target = zone_target(okta)
    now = book.keep(target)
    assert now.entries == (FOREIGN, NEW)
    assert okta.zone("nzo1")["proxies"] == [FOREIGN]
    assert book.steps == [Step.INTENDED, Step.WRITTEN, Step.CONFIRMED]
    assert book.ours("nzo1") == ["203.0.113.10-203.0.113.11"]
    assert [call.split()[0] for call in okta.calls] == ["GET", "GET", "PUT", "GET"]
    assert clock.slept == []


def test_a_zone_that_is_right_is_not_written(okta: Any, book: Book, clock: Any, wire: Any) -> None:
    okta.zones[1]["gateways"] = [FOREIGN, {"type": "CIDR", "value": "203.0.113.10/31"}]
    book.journal.adopt(Place(SCOPE, NAME, "nzo1"), [parse_addresses("203.0.113.10/31")])
    target = zone_target(okta)
    book.keep(target)
    assert okta.writes == []


def test_a_zone_that_does_not_exist_is_created(okta: Any, book: Book, clock: Any) -> None:
    del okta.zones[1]
    target = zone_target(okta)
    now = book.keep(target)
    assert now.entries == (NEW,)
    assert [request.method for request in okta.writes] == ["POST"]


def test_somebody_elses_change_since_the_plan_is_not_overwritten(okta: Any, book: Book, clock: Any) -> None:
    target = zone_target(okta)
    plan = book.planned(target)
    okta.zones[1]["gateways"].append({"type": "CIDR", "value": "192.0.2.0/24"})
    assert refusal(lambda: book.apply(plan, target)).reason is Refusal.CHANGED_MEANWHILE
    assert okta.writes == []


def test_somebody_elses_setting_since_the_plan_refuses_too(okta: Any, book: Book) -> None:
    target = zone_target(okta)
    plan = book.planned(target)
    okta.zones[1]["proxies"] = [{"type": "CIDR", "value": "192.0.2.0/24"}]
    assert refusal(lambda: book.apply(plan, target)).reason is Refusal.CHANGED_MEANWHILE
    assert okta.writes == []
    assert book.steps == [Step.INTENDED, Step.NOT_DONE]


def test_fields_that_nobody_knows_go_back_as_they_came(okta: Any, book: Book) -> None:
    okta.zones[1] |= {"aFieldToCome": {"x": [1]}, "proxies": [FOREIGN]}
    book.keep(zone_target(okta))
    assert okta.body()["aFieldToCome"] == {"x": [1]}
    assert okta.body()["proxies"] == [FOREIGN]


def test_a_zone_that_came_into_being_since_the_plan_is_not_made_twice(
    okta: Any, book: Book, clock: Any, wire: Any
) -> None:
    zone = okta.zones.pop(1)
    target = zone_target(okta)
    plan = book.planned(target)
    okta.zones.append(zone)
    assert refusal(lambda: book.apply(plan, target)).reason is Refusal.CHANGED_MEANWHILE
    assert okta.writes == []


def done_but_lost(far_end: Any) -> Callable[[httpx.Request], httpx.Response]:
    def act(request: httpx.Request) -> httpx.Response:
        far_end.answer(request)
        raise httpx.ReadTimeout("late", request=request)

    return act


def not_done(request: httpx.Request) -> httpx.Response:
    return httpx.Response(503)


def test_a_lost_answer_of_a_write_that_was_done(okta: Any, book: Book, clock: Any) -> None:
    okta.first("PUT", done_but_lost(okta))
    target = zone_target(okta)
    assert book.keep(target).entries == (FOREIGN, NEW)
    assert len(okta.writes) == 1


def test_a_lost_answer_of_a_write_that_was_not_done(okta: Any, book: Book, clock: Any) -> None:
    okta.first("PUT", not_done, times=2)
    target = zone_target(okta)
    assert book.keep(target).entries == (FOREIGN, NEW)
    assert [call.split()[0] for call in okta.calls] == ["GET", "GET", "PUT", "GET", "PUT", "GET", "PUT", "GET"]


def test_a_write_that_is_never_answered(okta: Any, book: Book, clock: Any) -> None:
    okta.first("PUT", not_done, times=99)
    target = zone_target(okta)
    with pytest.raises(LostAnswerError, match="may have been done or not"):
        book.keep(target)
    assert len(okta.writes) == 3
    assert book.steps == [Step.INTENDED, Step.UNCERTAIN]
    assert "203.0.113.10-203.0.113.11" in book.ours("nzo1"), "it may be there: then it is ours"


def test_a_lost_answer_and_then_something_else_there(okta: Any, book: Book, clock: Any) -> None:
    def somebody_else(request: httpx.Request) -> httpx.Response:
        okta.zones[1]["gateways"] = [FOREIGN]
        raise httpx.ReadError("cut", request=request)

    okta.first("PUT", somebody_else)
    target = zone_target(okta)
    assert refusal(lambda: book.keep(target)).reason is Refusal.OTHER_WRITER
    assert len(okta.writes) == 1
    assert book.steps == [Step.INTENDED, Step.OTHER_WRITER]


def test_a_write_that_okta_forgets(okta: Any, book: Book, clock: Any) -> None:
    okta.first("PUT", lambda request: httpx.Response(200, json=okta.zones[1]))
    target = zone_target(okta)
    refused = refusal(lambda: book.keep(target))
    assert refused.reason is Refusal.NOT_AS_WRITTEN
    assert "lacks 203.0.113.10-203.0.113.11; also holds 203.0.113.9" in str(refused)
    assert clock.now == 60


def test_a_write_that_loses_the_proxies(okta: Any, book: Book, clock: Any) -> None:
    def forgetful(request: httpx.Request) -> httpx.Response:
        answer = okta.answer(request)
        okta.zones[1]["proxies"] = None
        return answer

    okta.first("PUT", forgetful)
    target = zone_target(okta)
    refused = refusal(lambda: book.keep(target))
    assert refused.reason is Refusal.NOT_AS_WRITTEN
    assert "has other settings than before: proxies" in str(refused)


def test_okta_refuses_the_write(okta: Any, book: Book, clock: Any, wire: Any) -> None:
    answer = wire.okta_error(400, "E0000001", "Api validation failed: gateways", "gateways: no")
    okta.first("PUT", lambda request: answer)
    target = zone_target(okta)
    with pytest.raises(RejectedError, match="E0000001"):
        book.keep(target)
    assert len(okta.writes) == 1
    assert book.steps == [Step.INTENDED, Step.NOT_DONE]
    assert book.ours("nzo1") == ["203.0.113.9"]


def test_a_rate_limit_during_the_write_is_waited_for(okta: Any, book: Book, clock: Any, wire: Any) -> None:
    okta.first("PUT", lambda request: wire.okta_error(429, "E0000047", "API call exceeded rate limit"))
    target = zone_target(okta)
    assert book.keep(target).entries == (FOREIGN, NEW)


# --- Entra ---------------------------------------------------------------------------------------------------------


def test_a_location_is_patched_and_proved_by_several_reads(entra: Any, book: Book, clock: Any, wire: Any) -> None:
    target = location_target(entra)
    now = book.keep(target)
    assert now.entries == (wire.v4("8.8.8.0/24"), wire.v4("203.0.113.10/31"))
    assert now.settings["isTrusted"] is True
    assert [call.split()[0] for call in entra.calls] == ["GET", "GET", "PATCH", "GET", "GET", "GET"]
    assert clock.slept == [1.0, 1.0]


def test_another_order_is_no_change(entra: Any, book: Book, clock: Any, wire: Any) -> None:
    target = location_target(entra)
    plan = book.planned(target)
    entra.locations[0]["ipRanges"].reverse()
    assert set(map(str, book.apply(plan, target).entries)) == set(map(str, plan.entries))


def test_old_and_new_by_turns_do_not_count_as_proof(entra: Any, book: Book, clock: Any) -> None:
    entra.staleness = 4
    target = location_target(entra)
    book.keep(target)
    assert len(clock.slept) == 8 + 2


def test_a_new_location_may_not_be_there_at_once(entra: Any, book: Book, clock: Any, wire: Any) -> None:
    entra.locations.clear()
    entra.staleness = 2
    target = location_target(entra)
    assert book.keep(target).entries == (wire.v4("203.0.113.10/31"),)


def test_a_lost_answer_of_a_creation_is_only_looked_for(entra: Any, book: Book, clock: Any) -> None:
    entra.locations.clear()
    entra.first("POST", done_but_lost(entra))
    target = location_target(entra)
    book.keep(target)
    assert len(entra.locations) == 1


def test_a_creation_that_is_never_seen_is_not_repeated(entra: Any, book: Book, clock: Any) -> None:
    entra.locations.clear()
    entra.first("POST", not_done)
    target = location_target(entra)
    with pytest.raises(FarEndError, match="may have been done or not"):
        book.keep(target)
    assert len(entra.writes) == 1
    assert clock.now == 60


def test_a_trust_that_goes_lost_is_noticed(entra: Any, book: Book, clock: Any) -> None:
    def careless(request: httpx.Request) -> httpx.Response:
        answer = entra.answer(request)
        entra.locations[0]["isTrusted"] = False
        return answer

    entra.first("PATCH", careless)
    target = location_target(entra)
    assert "isTrusted" in str(refusal(lambda: book.keep(target)))
