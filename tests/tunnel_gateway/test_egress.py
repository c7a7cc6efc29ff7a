"""Egress pools: who leaves from where, and what a switch of an address changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest

from tunnel_gateway.egress import (
    AddressState,
    EgressPools,
    LastActiveError,
    PoolPlan,
    Standing,
    UnknownAddressError,
)
from tunnel_gateway.egress_store import EgressStore
from tunnel_gateway.reasons import Reason, RefusalError
from tunnel_gateway.state import State

A, B, C, SIX = (ip_address(text) for text in ("203.0.113.10", "203.0.113.11", "203.0.113.12", "2001:db8::1"))
DEVICES = [f"00008110-{number:016X}" for number in range(300)]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    state = State(tmp_path / "state.sqlite")
    yield state
    state.close()


def _plan(*addresses: object, name: str = "default", **options: object) -> PoolPlan:
    standings = tuple(each if isinstance(each, Standing) else Standing(each) for each in addresses)  # type: ignore[arg-type]
    return PoolPlan(name, standings, **options)  # type: ignore[arg-type]


def _homes(pools: EgressPools) -> dict[str, object]:
    return {udid: pools.for_device(pools.plans[0], udid, [4]) for udid in DEVICES}


def test_device_keeps_its_address_and_all_addresses_are_used(state: State) -> None:
    pools = EgressPools([_plan(A, B, C)], EgressStore(state))
    homes = _homes(pools)
    assert homes == _homes(pools)
    assert min(Counter(homes.values()).values()) > 60
    assert pools.for_device(pools.plans[0], DEVICES[0].lower(), [4]) == homes[DEVICES[0]]


@pytest.mark.parametrize("away", [AddressState.DRAINING, AddressState.DISABLED])
def test_only_devices_of_an_address_that_goes_away_move(state: State, away: AddressState) -> None:
    pools = EgressPools([_plan(A, B, C)], EgressStore(state))
    before = _homes(pools)
    pools.switch("default", str(B), away)
    after = _homes(pools)
    assert B not in after.values()
    assert {udid for udid in DEVICES if before[udid] != after[udid]} == {u for u in DEVICES if before[u] == B}


def test_family_of_the_destination_decides_first(state: State) -> None:
    pools = EgressPools([_plan(A, SIX)], EgressStore(state))
    assert pools.for_device(pools.plans[0], DEVICES[0], [6, 4]) == SIX
    assert pools.for_device(pools.plans[0], DEVICES[0], [4]) == A


def test_pool_without_usable_address_never_borrows_one(state: State) -> None:
    login = _plan(A, name="login", rules=frozenset({"idp"}))
    pools = EgressPools([login, _plan(B, C)], EgressStore(state))
    for versions in ([6], []):
        with pytest.raises(RefusalError) as refusal:
            pools.for_device(login, DEVICES[0], versions)
        assert refusal.value.reason is Reason.EGRESS_UNAVAILABLE


def test_pool_of_a_rule(state: State) -> None:
    login = _plan(A, name="login", rules=frozenset({"idp"}))
    rest, outside = _plan(B), _plan(C, name="outside", in_zone=False)
    pools = EgressPools([login, rest, outside], EgressStore(state))
    assert pools.pool_of("idp", in_zone=True) is login
    assert pools.pool_of("other", in_zone=True) is rest
    assert pools.pool_of(None, in_zone=True) is rest
    assert pools.pool_of("idp", in_zone=False) is outside
    assert EgressPools([login], EgressStore(state)).pool_of("other", in_zone=True) is None


def test_standby_waits_until_it_is_switched_and_that_outlives_a_restart(tmp_path: Path) -> None:
    plan = _plan(A, Standing(B, AddressState.DISABLED))
    first = State(tmp_path / "state.sqlite")
    pools = EgressPools([plan], EgressStore(first))
    assert set(_homes(pools).values()) == {A}
    pools.switch("default", str(B), AddressState.ACTIVE)
    pools.switch("default", str(A), AddressState.DRAINING)
    first.close()
    second = State(tmp_path / "state.sqlite")
    assert set(_homes(EgressPools([plan], EgressStore(second))).values()) == {B}
    # What the file says anew counts: B is plainly active now, and A is disabled.
    changed = _plan(Standing(A, AddressState.DISABLED), B)
    states = [each["state"] for each in EgressPools([changed], EgressStore(second)).report({})[0]["addresses"]]
    assert states == ["disabled", "active"]
    second.close()


def test_switch_refuses(state: State) -> None:
    pools = EgressPools([_plan(A, Standing(B, AddressState.DISABLED))], EgressStore(state))
    for pool, address in (("default", str(C)), ("other", str(A)), ("default", "junk")):
        with pytest.raises(UnknownAddressError):
            pools.switch(pool, address, AddressState.ACTIVE)
    with pytest.raises(LastActiveError, match="last active address"):
        pools.switch("default", str(A), AddressState.DRAINING)


def test_report(state: State) -> None:
    pools = EgressPools([_plan(A, Standing(B, AddressState.DRAINING))], EgressStore(state))
    assert pools.report({str(A): 3}) == [
        {
            "name": "default",
            "in-zone": True,
            "addresses": [
                {"address": "203.0.113.10", "state": "active", "tunnels": 3},
                {"address": "203.0.113.11", "state": "draining", "tunnels": 0},
            ],
        }
    ]
