"""From what is wanted and what is there to what has to be written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okta_zones.addresses import AddressSet, Entry, parse_addresses, union
from okta_zones.errors import Refusal, RefusedError
from okta_zones.graph.locations import NOTATION as GRAPH
from okta_zones.okta.zones import NOTATION as OKTA
from okta_zones.plan import Action, Foreign, Plan, desired_addresses, make_plan
from okta_zones.sources.report import Report
from okta_zones.target import Current, Notation, content


def addresses(*texts: str) -> AddressSet:
    return union(map(parse_addresses, texts))


OWNED = addresses("203.0.113.0/28", "2001:db8::/64")


def gateway(value: str) -> dict[str, str]:
    return {"type": "CIDR" if "/" in value else "RANGE", "value": value}


def current(*entries: Entry) -> Current:
    return Current("nzo1", entries, {}, {})


def plan_for(now: Current | None, *desired: str, notation: Notation = OKTA) -> Plan:
    return make_plan(now, addresses(*desired), OWNED, notation, "the zone")


def test_a_target_that_does_not_exist_is_created_with_canonical_entries() -> None:
    plan = plan_for(None, "203.0.113.11", "203.0.113.10")
    assert plan.action is Action.CREATE
    assert plan.entries == ({"type": "RANGE", "value": "203.0.113.10-203.0.113.11"},)
    assert plan.add == addresses("203.0.113.10/31")


@pytest.mark.parametrize(
    "there",
    [
        [gateway("203.0.113.10-203.0.113.10"), gateway("203.0.113.11-203.0.113.11")],
        [gateway("203.0.113.10/31")],
        [gateway("203.0.113.11"), gateway("203.0.113.10")],
        [gateway("203.0.113.10-203.0.113.11"), gateway("203.0.113.11/32")],
    ],
    ids=["as ranges of one", "as a block", "bare and in another order", "twice"],
)
def test_equal_sets_are_left_alone_however_they_are_written(there: list[Entry]) -> None:
    plan = plan_for(current(*there), "203.0.113.10", "203.0.113.11")
    assert plan.action is Action.NONE
    assert not plan.add
    assert not plan.remove


def test_a_change_keeps_what_stays_verbatim_and_in_place() -> None:
    foreign, stays, goes = gateway("198.51.100.7/24"), gateway("203.0.113.10"), gateway("203.0.113.9")
    plan = plan_for(current(goes, foreign, stays), "203.0.113.10", "203.0.113.12")
    assert plan.action is Action.UPDATE
    assert plan.entries == (foreign, stays, gateway("203.0.113.12-203.0.113.12"))
    assert (plan.add, plan.remove, plan.keep) == (
        addresses("203.0.113.12"),
        addresses("203.0.113.9"),
        addresses("203.0.113.10"),
    )


def test_a_wide_entry_of_ours_is_replaced_by_what_is_wanted_of_it() -> None:
    plan = plan_for(current(gateway("203.0.113.8/30")), "203.0.113.10")
    assert plan.entries == (gateway("203.0.113.10-203.0.113.10"),)
    assert plan.remove == addresses("203.0.113.8/31", "203.0.113.11")


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (gateway("198.51.100.0/24"), Foreign.OUTSIDE),
        (gateway("203.0.113.0/24"), Foreign.REACHES_BEYOND),
        (gateway("15.5.6.7/24-15.5.6.9"), Foreign.UNREADABLE),
        ({"type": "ASN", "value": "64500"}, Foreign.UNREADABLE),
        (gateway("2001:db8::1"), Foreign.OUTSIDE),
    ],
    ids=["outside", "wider than what we own", "unreadable", "of a kind to come", "IPv6 at Okta"],
)
def test_what_is_not_ours_stays_and_counts_for_nothing(entry: Entry, why: Foreign) -> None:
    plan = plan_for(current(entry), "203.0.113.10")
    assert plan.entries == (entry, gateway("203.0.113.10-203.0.113.10"))
    assert [(each.entry, each.why) for each in plan.not_ours] == [(entry, why)]


def test_a_foreign_entry_that_admits_our_unused_addresses_is_pointed_out() -> None:
    plan = plan_for(current(gateway("203.0.113.0/24"), gateway("203.0.113.10")), "203.0.113.10")
    assert plan.action is Action.NONE
    assert "203.0.113.0-203.0.113.9, 203.0.113.11-203.0.113.15" in plan.notes[0]


def test_okta_gets_the_ipv4_part_and_the_plan_says_so() -> None:
    plan = plan_for(None, "203.0.113.10", "2001:db8::1")
    assert plan.entries == (gateway("203.0.113.10-203.0.113.10"),)
    assert any("2001:db8::1" in note for note in plan.notes)


def test_okta_can_match_no_ipv6_at_all() -> None:
    with pytest.raises(RefusedError) as refused:
        plan_for(current(gateway("203.0.113.10")), "2001:db8::1")
    assert refused.value.reason is Refusal.NOTHING_MATCHABLE


def test_graph_gets_both_versions() -> None:
    plan = plan_for(None, "203.0.113.10", "2001:db8::1", notation=GRAPH)
    assert [entry["cidrAddress"] for entry in plan.entries] == ["203.0.113.10/32", "2001:db8::1/128"]


def test_more_entries_than_a_zone_holds_are_refused() -> None:
    foreign = [gateway(f"198.51.100.{n}-198.51.100.{n}") for n in range(150)]
    with pytest.raises(RefusedError, match="151 entries; at most 150") as refused:
        plan_for(current(*foreign), "203.0.113.10")
    assert refused.value.reason is Refusal.TOO_MANY_ENTRIES


def test_a_full_zone_that_is_right_is_not_refused() -> None:
    foreign = [gateway(f"198.51.100.{n}-198.51.100.{n}") for n in range(150)]
    assert plan_for(current(*foreign, gateway("203.0.113.10")), "203.0.113.10").action is Action.NONE


@pytest.mark.parametrize(("block", "fits"), [("16.0.0.0/8", False), ("16.0.0.0/9", True)])
def test_graph_takes_no_mask_of_8_or_shorter(block: str, fits: bool) -> None:
    wide = addresses(block)
    if fits:
        assert make_plan(None, wide, wide, GRAPH, "the location").action is Action.CREATE
        return
    with pytest.raises(RefusedError) as refused:
        make_plan(None, wide, wide, GRAPH, "the location")
    assert refused.value.reason is Refusal.RANGE_TOO_WIDE


REFUSED_REPORTS: dict[str, tuple[Sequence[Report], Refusal]] = {
    "an address outside": ([Report("list", addresses("203.0.113.10", "8.8.8.8"))], Refusal.ADDRESS_NOT_OWNED),
    "a stranger beside a right one": (
        [Report("list", addresses("203.0.113.10")), Report("gateway", addresses("203.0.113.16"))],
        Refusal.ADDRESS_NOT_OWNED,
    ),
    "an empty report beside a full one": (
        [Report("list", addresses("203.0.113.10")), Report("gateway", AddressSet())],
        Refusal.SOURCE_EMPTY,
    ),
    "no report": ([], Refusal.SOURCE_EMPTY),
}


@pytest.mark.parametrize(("reports", "reason"), REFUSED_REPORTS.values(), ids=REFUSED_REPORTS.keys())
def test_reports_that_must_not_be_followed(reports: Sequence[Report], reason: Refusal) -> None:
    with pytest.raises(RefusedError) as refused:
        desired_addresses(reports, OWNED)
    assert refused.value.reason is reason


def test_the_refusal_names_the_source_and_the_address() -> None:
    with pytest.raises(RefusedError, match=r"the gateway lab reported 8\.8\.8\.8, outside owned-prefixes"):
        desired_addresses([Report("the gateway lab", addresses("203.0.113.10", "8.8.8.8"))], OWNED)


# --- plan, then apply, leaves no difference ------------------------------------------------------------------------

V4 = st.integers(0, 31).map(lambda n: f"203.0.113.{n}")
SPANS = st.tuples(st.integers(0, 31), st.integers(0, 31)).map(
    lambda pair: f"203.0.113.{min(pair)}-203.0.113.{max(pair)}"
)
OKTA_ENTRIES = st.one_of(
    V4.map(gateway),
    SPANS.map(gateway),
    st.tuples(V4, st.integers(24, 32)).map(lambda pair: gateway(f"{pair[0]}/{pair[1]}")),
    st.just(gateway("15.5.6.7/24-15.5.6.9")),
    st.just(gateway("198.51.100.0/24")),
)
GRAPH_ENTRIES = st.one_of(
    st.tuples(V4, st.integers(24, 32)).map(
        lambda pair: {"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": f"{pair[0]}/{pair[1]}"}
    ),
    SPANS.map(
        lambda span: {
            "@odata.type": "#microsoft.graph.iPv4Range",
            "lowerAddress": span.split("-")[0],
            "upperAddress": span.split("-")[1],
        }
    ),
    st.just({"@odata.type": "#microsoft.graph.asnRange", "asn": 64500}),
)
WANTED = st.frozensets(st.integers(0, 15).map(lambda n: f"203.0.113.{n}"), min_size=1)


@given(
    st.one_of(st.tuples(st.just(OKTA), st.lists(OKTA_ENTRIES)), st.tuples(st.just(GRAPH), st.lists(GRAPH_ENTRIES))),
    WANTED,
)
def test_a_second_plan_after_the_first_has_nothing_to_do(
    side: tuple[Notation, list[Any]], wanted: frozenset[str]
) -> None:
    notation, entries = side
    first = plan_for(current(*entries), *wanted, notation=notation)
    second = plan_for(current(*first.entries), *wanted, notation=notation)
    assert second.action is Action.NONE
    assert second.not_ours == first.not_ours
    assert addresses(*wanted) <= content(first.entries, notation).addresses
    foreign = content([each.entry for each in first.not_ours], notation).addresses
    assert content(first.entries, notation).addresses == addresses(*wanted) | foreign
