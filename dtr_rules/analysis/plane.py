"""Sets of (port, seat) pairs: everything about a flow except where it goes.

A plane is a tuple of strips, each a range of ports, both ends included, with the seats (`dtr_rules.analysis.seats`)
that belong to every port in it. Strips do not share ports, stand in order and are never empty.
"""

from __future__ import annotations

from typing import TypeAlias

from dtr_rules.destinations import MAX_PORT, Ports

Strip: TypeAlias = tuple[int, int, int]
Plane: TypeAlias = tuple[Strip, ...]

EMPTY: Plane = ()
_FIRST_CHOICE = (443, 80)  # the ports that a person expects to see in an example


def plane(seats: int, ports: Ports | None = None) -> Plane:
    """Every pair of `ports` (None for all) and `seats`."""
    if not seats:
        return EMPTY
    return ((1, MAX_PORT, seats),) if ports is None else ((ports.first, ports.last, seats),)


def without(whole: Plane, taken: Plane) -> Plane:
    """The pairs of `whole` that are not in `taken`."""
    for low, high, seats in taken:
        if not whole:
            break
        whole = _without_strip(whole, low, high, seats)
    return whole


def both(one: Plane, other: Plane) -> Plane:
    """The pairs that are in `one` and in `other`."""
    if len(one) == len(other) == 1:  # as nearly all are
        (low, high, seats), (first, last, others) = one[0], other[0]
        shared = seats & others
        return ((max(low, first), min(high, last), shared),) if shared and low <= last and first <= high else EMPTY
    return tuple(
        (max(low, first), min(high, last), shared)
        for low, high, seats in one
        for first, last, others in other
        if (shared := seats & others) and low <= last and first <= high
    )


def contains(whole: Plane, port: int, seat: int) -> bool:
    """Whether the pair is in `whole`."""
    return any(low <= port <= high and seats & seat for low, high, seats in whole)


def pick(whole: Plane) -> tuple[int, int]:
    """A port and the seats that go with it, for an example."""
    for port in _FIRST_CHOICE:
        for low, high, seats in whole:
            if low <= port <= high:
                return port, seats
    return whole[0][0], whole[0][2]


def by_seats(whole: Plane) -> dict[int, tuple[Ports, ...]]:
    """The pairs as sets of seats, each with its ports: fewest sets first where seats share their ports."""
    found: dict[tuple[Ports, ...], int] = {}
    for seats in _kinds_of_seats(whole):
        ports = _joined([(low, high) for low, high, among in whole if among & seats])
        found[ports] = found.get(ports, 0) | seats
    return {seats: ports for ports, seats in found.items()}


def _without_strip(whole: Plane, first: int, last: int, taken: int) -> Plane:
    for low, high, seats in whole:
        if low <= last and first <= high and seats & taken:
            break
    else:
        return whole
    rest: list[Strip] = []
    for low, high, seats in whole:
        if low > last or first > high or not seats & taken:
            rest.append((low, high, seats))
            continue
        if low < first:
            rest.append((low, first - 1, seats))
        if left := seats & ~taken:
            rest.append((max(low, first), min(high, last), left))
        if high > last:
            rest.append((last + 1, high, seats))
    return tuple(rest)


def _kinds_of_seats(whole: Plane) -> list[int]:
    """The seats, in the coarsest parts that every strip holds as a whole or not at all."""
    kinds: list[int] = []
    for _, _, seats in whole:
        refined = [part for kind in kinds for part in (kind & seats, kind & ~seats) if part]
        new = seats
        for kind in kinds:
            new &= ~kind
        kinds = [*refined, new] if new else refined
    return kinds


def _joined(ranges: list[tuple[int, int]]) -> tuple[Ports, ...]:
    joined: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if joined and joined[-1][1] + 1 >= low:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return tuple(Ports(low, high) for low, high in joined)
