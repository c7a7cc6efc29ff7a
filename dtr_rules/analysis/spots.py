"""Is there a flow that some boxes match and nothing that comes earlier does? The question behind all others.

A flow has a place (host, and address where known) and a point of a plane (port and seat). A given place is settled
exactly by taking away the planes of all earlier boxes that match it. So it remains to find the right place:

- a name whose address is not known is matched by name patterns alone, which makes it the easiest to leave over;
- an address literal is matched by address patterns and `*` alone, and only the ends of ranges need trying;
- a name with a known address is needed only where an address pattern and a name pattern are to match both, or the
  address is a loopback one, which no literal that reaches the rules can be.

For names, likely ones are tried first, then boxes that hold every wanted name are taken away, which settles almost all;
what is left is searched exactly, once for each set of boxes that is in force together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from itertools import product
from typing import Final

from dtr_rules.analysis.atoms import LOOPBACK, Atom
from dtr_rules.analysis.boxes import Box, Where
from dtr_rules.analysis.budget import Budget
from dtr_rules.analysis.candidates import is_host_name, likely_hosts
from dtr_rules.analysis.name_search import shortest_host
from dtr_rules.analysis.plane import EMPTY, Plane, both, contains, without
from dtr_rules.analysis.regions import Regions
from dtr_rules.destinations import AddressRange
from dtr_rules.hosts import Address, Host, Name

_ADDRESS: Final[dict[int, type[IPv4Address | IPv6Address]]] = {4: IPv4Address, 6: IPv6Address}
_SPACE: Final = {4: (0, 2**32 - 1), 6: (0, 2**128 - 1)}
_READABLE: Final = {4: int(IPv4Address("192.0.2.1")), 6: int(IPv6Address("2001:db8::1"))}
_MAPPED: Final = (int(IPv6Address("::ffff:0:0")), int(IPv6Address("::ffff:ffff:ffff")))  # these are IPv4 hosts
_LOOPBACK: Final = {4: (int(IPv4Address("127.0.0.0")), int(IPv4Address("127.255.255.255"))), 6: (1, 1)}


@dataclass(frozen=True, slots=True)
class Earlier:
    """The boxes of a rule set that come before `limit`: none of them may match."""

    regions: Regions
    limit: int

    def of(self, boxes: Iterable[Box]) -> Iterator[Box]:
        """Those of `boxes`, which are in order, that count."""
        for box in boxes:
            if box.order >= self.limit:
                return
            yield box


@dataclass(frozen=True, slots=True)
class Spot:
    """A place, and every port and seat for which nothing earlier matches there (never empty)."""

    host: Host
    address: Address | None
    plane: Plane


def find_spot(free: Plane, wanted: Sequence[Where], earlier: Sequence[Earlier], budget: Budget) -> Spot | None:
    """A place in all of `wanted` where something of `free` is left over by `earlier`; None where there is none.

    Raises OutOfBudgetError.
    """
    if not free:
        return None
    budget.spend()
    ranges = [each for each in wanted if isinstance(each, AddressRange)]
    named = [each for each in wanted if isinstance(each, tuple)]
    if not ranges:
        spot = _among_names(free, named, earlier, budget)
        if spot is not None:
            return spot
    if not named:
        spot = _among_literals(free, ranges, earlier, budget)
        if spot is not None:
            return spot
    return _among_resolved(free, named, ranges, earlier, budget) if ranges else None


def _among_names(
    free: Plane, named: Sequence[tuple[Atom, ...]], earlier: Sequence[Earlier], budget: Budget
) -> Spot | None:
    for atoms in product(*named):
        spot = _one_name(free, atoms, earlier, budget)
        if spot is not None:
            return spot
    return None


def _among_literals(
    free: Plane, ranges: Sequence[AddressRange], earlier: Sequence[Earlier], budget: Budget
) -> Spot | None:
    for address in _addresses(ranges, earlier):
        if address.ip.is_loopback:
            continue
        rest = _left_at_address(free, address, earlier, budget)
        rest = _left(rest, earlier, _everywhere(earlier), budget)
        if rest:
            return Spot(address, None, rest)
    return None


def _among_resolved(
    free: Plane,
    named: Sequence[tuple[Atom, ...]],
    ranges: Sequence[AddressRange],
    earlier: Sequence[Earlier],
    budget: Budget,
) -> Spot | None:
    for address in _addresses(ranges, earlier):
        if not named and not address.ip.is_loopback:
            continue  # settled by the literal
        rest = _left_at_address(free, address, earlier, budget)
        spot = _among_names(rest, named, earlier, budget) if rest else None
        if spot is not None:
            return Spot(spot.host, address, spot.plane)
    return None


# --- addresses -----------------------------------------------------------------------------------------------


def _addresses(ranges: Sequence[AddressRange], earlier: Sequence[Earlier]) -> Iterator[Address]:
    """One address of every part of `ranges` that no boundary of an earlier box divides; readable ones first."""
    for version in (4, 6):
        if any(each.first.version != version for each in ranges):
            continue
        low = max([_SPACE[version][0], *(int(each.first) for each in ranges)])
        high = min([_SPACE[version][1], *(int(each.last) for each in ranges)])
        for number in _starts(version, low, high, earlier):
            yield Address(_ADDRESS[version](number))


def _starts(version: int, low: int, high: int, earlier: Sequence[Earlier]) -> Iterator[int]:
    cuts = {low, _LOOPBACK[version][0], _LOOPBACK[version][1] + 1}
    if version == 6:
        cuts.add(_MAPPED[1] + 1)
    for each in earlier:
        for box in each.of(each.regions.addresses.meeting(version, low, high)):
            if isinstance(box.where, AddressRange):
                cuts |= {int(box.where.first), int(box.where.last) + 1}
    for number in dict.fromkeys((_READABLE[version], low + 1, *sorted(cuts))):
        mapped = version == 6 and _MAPPED[0] <= number <= _MAPPED[1]
        if low <= number <= high and not mapped:
            yield number


def _left_at_address(free: Plane, address: Address, earlier: Sequence[Earlier], budget: Budget) -> Plane:
    version, number = address.ip.version, int(address.ip)
    return _left(free, earlier, [each.regions.addresses.meeting(version, number, number) for each in earlier], budget)


def _everywhere(earlier: Sequence[Earlier]) -> list[list[Box]]:
    return [each.regions.names.everything for each in earlier]


# --- names ---------------------------------------------------------------------------------------------------


def _one_name(free: Plane, atoms: Sequence[Atom], earlier: Sequence[Earlier], budget: Budget) -> Spot | None:
    rest = free
    for atom in atoms:
        rest = _left(rest, earlier, [each.regions.names.holding(atom) for each in earlier], budget)
    if not atoms:
        rest = _left(rest, earlier, _everywhere(earlier), budget)
    if not rest:
        return None
    exact = next((atom.literal for atom in atoms if atom.is_exact), None)
    if exact is not None:
        fits = is_host_name(exact) and all(atom.holds(exact) for atom in atoms)
        return Spot(Name(exact), None, rest) if fits else None
    for name in likely_hosts(atoms):
        spot = _at_name(rest, name, earlier, budget)
        if spot is not None:
            return spot
    return _searched(rest, atoms, earlier, budget)


def _at_name(free: Plane, name: str, earlier: Sequence[Earlier], budget: Budget) -> Spot | None:
    itself = Atom(name, at_start=True, at_end=True)
    rest = _left(free, earlier, [each.regions.names.holding(itself) for each in earlier], budget)
    return Spot(Name(name), None, rest) if rest else None


def _searched(free: Plane, atoms: Sequence[Atom], earlier: Sequence[Earlier], budget: Budget) -> Spot | None:
    """Search at one point of `free` after the other. Where a point has no host, neither has any that has all of
    its boxes, so each search settles as much of the plane as those boxes share."""
    wanted = [atom.anchored for atom in atoms]
    boxes = [(box, _texts_that_meet(box, atoms)) for box in _meeting(atoms, earlier)]
    while free:
        port, seat = free[0][0], free[0][2] & -free[0][2]
        budget.spend(len(boxes))
        in_force = [(box, texts) for box, texts in boxes if contains(box.plane, port, seat)]
        forbidden = {text for _, texts in in_force for text in texts}
        name = shortest_host(wanted, [*(atom.anchored for atom in LOOPBACK), *sorted(forbidden)], budget)
        if name is not None:
            spot = _at_name(free, name, earlier, budget)
            if spot is None:
                raise RuntimeError(f"the search found {name}, and the boxes do not leave it over")
            return spot
        settled = free
        for box, _ in in_force:
            settled = both(settled, box.plane)
        free = without(free, settled)
    return None


def _meeting(atoms: Sequence[Atom], earlier: Sequence[Earlier]) -> Iterator[Box]:
    narrowest = max(atoms, key=lambda atom: len(atom.anchored), default=Atom(""))
    for each in earlier:
        yield from each.of(each.regions.names.meeting(narrowest))


def _texts_that_meet(box: Box, atoms: Sequence[Atom]) -> frozenset[str]:
    own = box.where if isinstance(box.where, tuple) else (Atom(""),)
    return frozenset(each.anchored for each in own if all(each.may_meet(atom) for atom in atoms))


def _left(free: Plane, earlier: Sequence[Earlier], boxes: Sequence[list[Box]], budget: Budget) -> Plane:
    """What of `free` the earlier ones among `boxes`, listed for each of `earlier`, leave over."""
    for each, its_boxes in zip(earlier, boxes, strict=True):
        for box in each.of(its_boxes):
            budget.spend(len(free))
            free = without(free, box.plane)
            if not free:
                return EMPTY
    return free
