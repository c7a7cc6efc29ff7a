"""The known addresses that the gateway leaves from, in pools.

A device keeps its address while it can be used: identity providers look askance at a session whose address changes
between two requests. Rendezvous hashing does that, and when an address is taken away, only its own devices move.
A pool without a usable address is a refusal, never another pool: the wrong address is outside the zone, or inside it.
"""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Final

from tunnel_gateway.egress_store import EgressStore
from tunnel_gateway.reasons import Reason, RefusalError

Address = IPv4Address | IPv6Address

DEFAULT_POOL: Final = "default"


class AddressState(StrEnum):
    """`active` takes new tunnels; `draining` keeps those that it has; `disabled` has none."""

    ACTIVE = "active"
    DRAINING = "draining"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Standing:
    """An address as the configuration has it."""

    address: Address
    state: AddressState = AddressState.ACTIVE


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """A pool as the configuration has it. `rules` are those that it serves by name; none means all others.

    `in_zone` says whether identity providers know its addresses: tunnels leave from such pools alone, and what
    rules bypass from the others.
    """

    name: str
    standings: tuple[Standing, ...]
    in_zone: bool = True
    rules: frozenset[str] = frozenset()


class UnknownAddressError(Exception):
    """No such pool, or no such address in it."""


class LastActiveError(Exception):
    """The pool would be left without an active address."""


class EgressPools:
    """The pools, and the state of each address: the configuration's, unless it was switched since."""

    def __init__(self, plans: Sequence[PoolPlan], store: EgressStore) -> None:
        self.plans = tuple(plans)
        self._store = store
        self._states: dict[tuple[str, Address], AddressState] = {}
        switched = store.read()
        for plan in plans:
            for standing in plan.standings:
                kept = switched.get((plan.name, str(standing.address)))
                # What was switched counts until the file says something new about the address.
                valid = kept is not None and kept.configured == standing.state
                state = AddressState(kept.state) if valid and kept is not None else standing.state
                self._states[plan.name, standing.address] = state

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Every address of every pool, in the configured order."""
        return tuple(standing.address for plan in self.plans for standing in plan.standings)

    @property
    def versions(self) -> frozenset[int]:
        """The IP versions that there are addresses of."""
        return frozenset(address.version for address in self.addresses)

    def pool_of(self, rule: str | None, *, in_zone: bool) -> PoolPlan | None:
        """The pool that serves what `rule` decided (None: the default action); None where there is none."""
        plans = [plan for plan in self.plans if plan.in_zone is in_zone]
        named = (plan for plan in plans if rule in plan.rules)
        others = (plan for plan in plans if not plan.rules)
        return next(named, None) or next(others, None)

    def usable(self, pool: PoolPlan) -> list[Address]:
        """The addresses of a pool whose tunnels may stay."""
        states = ((each.address, self._states[pool.name, each.address]) for each in pool.standings)
        return [address for address, state in states if state is not AddressState.DISABLED]

    def for_device(self, pool: PoolPlan, udid: str, versions: Iterable[int]) -> Address:
        """The device's address in the pool, of the first IP version that has any active one.

        Raises RefusalError with `egress-unavailable` where there is none of these versions.
        """
        active = [each.address for each in pool.standings if self._is_active(pool.name, each.address)]
        for version in dict.fromkeys(versions):
            candidates = [address for address in active if address.version == version]
            if candidates:
                return max(candidates, key=lambda address: _weight(udid, address))
        words = "no active address" if not active else "no active address of the destination's IP version"
        raise RefusalError(Reason.EGRESS_UNAVAILABLE, f"the egress pool '{pool.name}' has {words}")

    def switch(self, pool: str, address: str, state: AddressState) -> None:
        """Set an address's state, and keep it across restarts.

        Raises UnknownAddressError, LastActiveError, or StateError where it cannot be kept (nothing changes then).
        """
        plan = next((plan for plan in self.plans if plan.name == pool), None)
        standing = None if plan is None else next((s for s in plan.standings if str(s.address) == address), None)
        if plan is None or standing is None:
            raise UnknownAddressError(f"no address {address} in a pool '{pool}'")
        others = [each for each in plan.standings if each is not standing]
        if state is not AddressState.ACTIVE and not any(self._is_active(pool, each.address) for each in others):
            raise LastActiveError(f"{address} is the last active address of the pool '{pool}'")
        self._store.write(pool, address, state, standing.state)
        self._states[pool, standing.address] = state

    def report(self, tunnels: Mapping[str, int]) -> list[dict[str, Any]]:
        """Every pool with its addresses, for the admin endpoint; `tunnels` counts the open ones by address."""
        return [
            {
                "name": plan.name,
                "in-zone": plan.in_zone,
                "addresses": [
                    {
                        "address": str(each.address),
                        "state": str(self._states[plan.name, each.address]),
                        "tunnels": tunnels.get(str(each.address), 0),
                    }
                    for each in plan.standings
                ],
            }
            for plan in self.plans
        ]

    def _is_active(self, pool: str, address: Address) -> bool:
        return self._states[pool, address] is AddressState.ACTIVE


def _weight(udid: str, address: Address) -> bytes:
    return hashlib.sha256(f"{udid.lower()} {address}".encode()).digest()


def why_not_local(address: Address) -> str | None:
    """Why connections cannot leave from `address` on this machine, in the system's words; None where they can."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind((str(address), 0))
    except OSError as error:
        return error.strerror or str(error)
    return None
