"""From what is wanted and what is there to what has to be written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okta_zones.addresses import AddressSet, Entry, parse_addresses, union
from okta_zones.errors import Refusal
from okta_zones.graph.locations import NOTATION as GRAPH
from okta_zones.journal import Place
from okta_zones.okta.zones import NOTATION as OKTA
from okta_zones.ownership import Foreign, Ownership
from okta_zones.plan import Action, Order, Plan, Rules, make_plan
from okta_zones.safety import Finding, OwnAddress
from okta_zones.target import Current, Notation, content

PLACE = Place("https://acme.okta.com", "Tunnel egress", "nzo1")
PUBLIC = "100.20.30."  # in no registry of special addresses


def addresses(*texts: str) -> AddressSet:
    return union(map(parse_addresses, texts))


def gateway(value: str) -> dict[str, str]:
    return {"type": "CIDR" if "/" in value else "RANGE", "value": value}


def current(*entries: Entry) -> Current:
    return Current("nzo1", entries, {}, {})


def plan_for(
    now: Current | None,
    *add: str,
    remove: tuple[str, ...] = (),
    owned: tuple[str, ...] = (),
    accepted: tuple[Refusal, ...] = (),
    frozen: tuple[str, ...] = (),
    notation: Notation = OKTA,
    ownership: Ownership = Ownership.ENTRIES,
    own: OwnAddress | None = None,
) -> Plan:
    """A plan where `owned` are the journal's entries; that the addresses are documentation's is accepted."""
    rules = Rules(notation, ownership, frozenset({Refusal.NOT_PUBLIC, *accepted}))
    order = Order(addresses(*add), addresses(*remove), frozen, addresses("203.0.113.0/26"))
    return make_plan(PLACE, now, [addresses(each) for each in owned], order, rules, title="the zone", own=own)


def test_a_target_that_does_not_exist_is_created_with_canonical_entries() -> None:
    plan = plan_for(None, "203.0.113.11", "203.0.113.10")
    assert plan.action is Action.CREATE
    assert plan.entries == ({"type": "RANGE", "value": "203.0.113.10-203.0.113.11"},)
    assert plan.add == addresses("203.0.113.10/31")
    assert plan.ours == (addresses("203.0.113.10/31"),)


@pytest.mark.parametrize(
    ("there", "owned"),
    [
        ([gateway("203.0.113.10-203.0.113.10"), gateway("203.0.113.11/32")], ("203.0.113.10", "203.0.113.11")),
        ([gateway("203.0.113.10/31")], ("203.0.113.10-203.0.113.11",)),
        ([gateway("203.0.113.11"), gateway("203.0.113.10")], ("203.0.113.10", "203.0.113.11")),
        ([gateway("203.0.113.11/31")], ("203.0.113.10/31",)),
    ],
    ids=["as ranges of one", "as a block", "bare and in another order", "with host bits"],
)
def test_equal_sets_are_left_alone_however_they_are_written(there: list[Entry], owned: tuple[str, ...]) -> None:
    plan = plan_for(current(*there), "203.0.113.10", "203.0.113.11", owned=owned)
    assert plan.action is Action.NONE
    assert plan.entries == tuple(there)


def test_the_first_run_on_an_existing_zone_removes_nothing() -> None:
    there = [gateway("203.0.113.9"), gateway("203.0.113.10")]
    plan = plan_for(current(*there), "203.0.113.10", remove=("203.0.113.9",))
    assert plan.entries == (*there, gateway("203.0.113.10-203.0.113.10"))
    assert not plan.remove
    assert [each.why for each in plan.not_ours] == [Foreign.OTHERS, Foreign.OTHERS]
    assert "'adopt' would take it over" in plan.notes[0]


def test_absence_is_no_removal() -> None:
    plan = plan_for(current(gateway("203.0.113.9")), "203.0.113.20", owned=("203.0.113.9",))
    assert plan.entries == (gateway("203.0.113.9"), gateway("203.0.113.20-203.0.113.20"))
    assert plan.unreported == addresses("203.0.113.9")


def test_what_is_named_is_removed_and_everything_else_stays_verbatim_and_in_place() -> None:
    foreign, stays, goes = gateway("198.51.100.7/24"), gateway("203.0.113.10"), gateway("203.0.113.8/32")
    plan = plan_for(
        current(goes, foreign, stays),
        "203.0.113.10",
        "203.0.113.12",
        remove=("203.0.113.8", "198.51.100.7"),
        owned=("203.0.113.8", "203.0.113.10"),
    )
    assert plan.entries == (foreign, stays, gateway("203.0.113.12-203.0.113.12"))
    assert (plan.add, plan.remove, plan.keep) == (
        addresses("203.0.113.12"),
        addresses("203.0.113.8"),
        addresses("203.0.113.10"),
    )


def test_what_a_source_reports_is_never_removed() -> None:
    there = current(gateway("203.0.113.10"))
    plan = plan_for(there, "203.0.113.10", remove=("203.0.113.10",), owned=("203.0.113.10",))
    assert plan.action is Action.NONE


def test_a_freeze_stops_removals_and_nothing_else() -> None:
    there = current(gateway("203.0.113.9"))
    plan = plan_for(
        there, "203.0.113.20", remove=("203.0.113.9",), owned=("203.0.113.9",), frozen=("the gateway is down",)
    )
    assert (plan.add, plan.remove) == (addresses("203.0.113.20"), AddressSet())
    assert plan.notes == ("removes nothing: the gateway is down",)


def test_part_of_an_entry_of_ours_can_go() -> None:
    plan = plan_for(
        current(gateway("203.0.113.8/30")),
        "203.0.113.8",
        "203.0.113.9",
        "203.0.113.10",
        remove=("203.0.113.11",),
        owned=("203.0.113.8/30",),
    )
    assert plan.entries == (gateway("203.0.113.8-203.0.113.10"),)


def test_ours_becomes_the_smallest_list_when_it_is_written_at_all() -> None:
    there = current(gateway("203.0.113.10"), gateway("198.51.100.1"), gateway("203.0.113.12"))
    plan = plan_for(there, "203.0.113.11", owned=("203.0.113.10", "203.0.113.12"))
    assert plan.entries == (gateway("198.51.100.1"), gateway("203.0.113.10-203.0.113.12"))


def test_an_address_that_anothers_entry_covers_is_still_written_as_our_own() -> None:
    wide = gateway("203.0.113.0/24")
    plan = plan_for(current(wide), "203.0.113.10")
    assert plan.entries == (wide, gateway("203.0.113.10-203.0.113.10"))
    after = plan_for(current(*plan.entries), "203.0.113.10", owned=("203.0.113.10",))
    assert after.action is Action.NONE


def test_of_two_entries_alike_one_is_ours() -> None:
    there = current(gateway("203.0.113.10-203.0.113.10"), gateway("203.0.113.10/32"))
    plan = plan_for(there, "203.0.113.11", remove=("203.0.113.10",), owned=("203.0.113.10",))
    assert plan.entries == (gateway("203.0.113.10/32"), gateway("203.0.113.11-203.0.113.11"))
    assert [each.why for each in plan.not_ours] == [Foreign.SECOND]


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (gateway("198.51.100.0/24"), Foreign.OTHERS),
        (gateway("15.5.6.7/24-15.5.6.9"), Foreign.UNREADABLE),
        ({"type": "ASN", "value": "64500"}, Foreign.UNREADABLE),
        (gateway("2001:db8::1"), Foreign.OTHERS),
    ],
    ids=["of others", "unreadable", "of a kind to come", "IPv6 at Okta"],
)
def test_what_is_not_ours_stays_and_counts_for_nothing(entry: Entry, why: Foreign) -> None:
    for ownership in (Ownership.ENTRIES, Ownership.EXCLUSIVE)[: 1 if why is Foreign.OTHERS else 2]:
        plan = plan_for(current(entry), "203.0.113.10", ownership=ownership)
        assert plan.entries == (entry, gateway("203.0.113.10-203.0.113.10"))
        assert [(each.entry, each.why) for each in plan.not_ours] == [(entry, why)]


def test_exclusive_makes_the_whole_list_ours() -> None:
    there = current(gateway("198.51.100.0/24"), gateway("203.0.113.10"))
    plan = plan_for(there, "203.0.113.10", remove=("198.51.100.0/24",), ownership=Ownership.EXCLUSIVE)
    assert plan.entries == (gateway("203.0.113.10"),)


def test_graph_gets_both_versions() -> None:
    plan = plan_for(None, "203.0.113.10", "2001:db8::1", notation=GRAPH)
    assert [entry["cidrAddress"] for entry in plan.entries] == ["203.0.113.10/32", "2001:db8::1/128"]


# --- the dangers ---------------------------------------------------------------------------------------------------

FULL = [gateway(f"198.51.100.{n}-198.51.100.{n}") for n in range(150)]
OWN = addresses("203.0.113.9")
DANGERS: dict[str, tuple[Refusal, dict[str, Any], str]] = {
    "all that is ours goes": (
        Refusal.EMPTY_RESULT,
        {
            "now": current(gateway("203.0.113.9")),
            "remove": ("203.0.113.9",),
            "owned": ("203.0.113.9",),
            "accepted": (Refusal.HALF_REMOVED,),
        },
        "would hold no address of ours",
    ),
    "a new zone without any address": (Refusal.EMPTY_RESULT, {"now": None}, "would hold no address of ours"),
    "half of ours goes": (
        Refusal.HALF_REMOVED,
        {
            "now": current(gateway("203.0.113.8/31")),
            "add": ("203.0.113.8",),
            "remove": ("203.0.113.9",),
            "owned": ("203.0.113.8/31",),
        },
        "1 of our 2 addresses",
    ),
    "wider than /20": (Refusal.RANGE_TOO_WIDE, {"now": None, "add": ("100.20.0.0/19",)}, "wider than /20"),
    "IPv6 wider than /48": (
        Refusal.RANGE_TOO_WIDE,
        {"now": None, "add": ("2a00:1::/47",), "notation": GRAPH},
        "wider than /48",
    ),
    "more than 150 entries": (
        Refusal.TOO_MANY_ENTRIES,
        {"now": current(*FULL), "add": ("203.0.113.10",)},
        "151 entries; at most 150",
    ),
    "IPv6 at Okta": (
        Refusal.IPV6_AT_OKTA,
        {"now": None, "add": ("203.0.113.10", "2a00:1::1")},
        "Okta matches 2a00:1::1 in its IPv6 beta only",
    ),
    "our own address falls out of the zone that our credential is bound to": (
        Refusal.OWN_ADDRESS_OUT,
        {
            "now": current(gateway("203.0.113.9-203.0.113.12")),
            "add": ("203.0.113.10-203.0.113.12",),
            "remove": ("203.0.113.9",),
            "owned": ("203.0.113.9-203.0.113.12",),
            "own": OwnAddress(bound=True, address=OWN),
        },
        "our own address 203.0.113.9 would not be in it",
    ),
}


@pytest.mark.parametrize(("danger", "case", "words"), DANGERS.values(), ids=DANGERS.keys())
def test_a_danger_refuses_until_it_is_accepted_by_its_name(danger: Refusal, case: dict[str, Any], words: str) -> None:
    now, add, accepted = case.pop("now"), case.pop("add", ()), case.pop("accepted", ())
    refused = plan_for(now, *add, accepted=accepted, **case).refusal
    assert refused is not None
    assert refused.reason is danger
    assert words in str(refused)
    assert f"--accept {danger}" in str(refused)
    willing = plan_for(now, *add, accepted=(*accepted, danger), **case)
    assert willing.refusal is None
    assert danger in {each.danger for each in willing.verdicts if each.finding is Finding.ACCEPTED}


SPECIAL = {
    "private": "10.1.2.3",
    "loopback": "127.0.0.1",
    "documentation": "203.0.113.1",
    "multicast": "224.0.0.1",
    "reserved": "240.0.0.1",
    "link-local": "169.254.1.1",
    "shared address space": "100.64.0.1",
    "benchmarking": "198.18.0.1",
    "translated IPv4": "::ffff:8.8.8.8",
}


@pytest.mark.parametrize(("kind", "address"), SPECIAL.items(), ids=SPECIAL.keys())
def test_addresses_from_which_nobody_comes(kind: str, address: str) -> None:
    refused = make_plan(PLACE, None, [], Order(addresses(address)), Rules(GRAPH), title="the location").refusal
    assert refused is not None
    assert refused.reason is Refusal.NOT_PUBLIC
    assert str(refused).startswith(f"{address} is {kind} ")


def test_a_public_address_passes_every_check_that_can_be_made() -> None:
    plan = make_plan(PLACE, None, [], Order(addresses(f"{PUBLIC}40")), Rules(OKTA), title="the zone")
    assert {each.finding for each in plan.verdicts} == {Finding.PASSED}


@pytest.mark.parametrize(
    "own",
    [None, OwnAddress(bound=None, why="the file does not say token-id"), OwnAddress(bound=True)],
    ids=["nobody asked", "cannot be read", "our address is unknown"],
)
def test_a_removal_says_when_our_own_address_was_not_checked(own: OwnAddress | None) -> None:
    there = current(gateway("203.0.113.8-203.0.113.11"))
    plan = plan_for(there, "203.0.113.8", remove=("203.0.113.9",), owned=("203.0.113.8/30",), own=own)
    (verdict,) = [each for each in plan.verdicts if each.danger is Refusal.OWN_ADDRESS_OUT]
    assert (verdict.finding, bool(verdict.words), plan.refusal) == (Finding.NOT_CHECKED, True, None)


def test_a_full_zone_that_is_right_is_not_refused() -> None:
    there = current(*FULL, gateway("203.0.113.10"))
    plan = plan_for(there, "203.0.113.10", owned=("203.0.113.10",))
    assert (plan.action, plan.refusal) == (Action.NONE, None)


def test_okta_gets_the_ipv4_part_where_that_is_accepted_and_the_whole_in_the_beta() -> None:
    asked = ("203.0.113.10", "2a00:1::1")
    assert plan_for(None, *asked, accepted=(Refusal.IPV6_LEFT_OUT,)).add == addresses("203.0.113.10")
    assert plan_for(None, *asked, accepted=(Refusal.IPV6_AT_OKTA,)).add == addresses(*asked)


def test_never_a_wider_range_than_asked() -> None:
    asked = [f"100.20.{n}.{n}" for n in range(0, 250, 2)]
    plan = plan_for(None, *asked)
    assert content(plan.entries, OKTA).addresses == addresses(*asked)
    assert len(plan.entries) == len(asked)


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
    st.frozensets(SPANS, max_size=4),
    WANTED,
)
def test_a_second_plan_after_the_first_has_nothing_to_do(
    side: tuple[Notation, list[Any]], wanted: frozenset[str], owned: frozenset[str], named: frozenset[str]
) -> None:
    notation, entries = side
    first = plan_for(current(*entries), *wanted, remove=tuple(named), owned=tuple(owned), notation=notation)
    ours = [str(each) for each in first.ours]
    second = plan_for(current(*first.entries), *wanted, remove=tuple(named), owned=tuple(ours), notation=notation)
    assert second.action is Action.NONE
    assert [each.entry for each in second.not_ours] == [each.entry for each in first.not_ours]
    assert addresses(*wanted) <= union(first.ours)
    before, after = content(entries, notation), content(first.entries, notation)
    assert before.addresses - addresses(*named) <= after.addresses, "nothing goes that nobody named"
    assert after.addresses <= before.addresses | addresses(*wanted), "never wider than asked"
