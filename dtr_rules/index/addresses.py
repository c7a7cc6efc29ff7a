"""Address patterns: for an address, the entries of every range that holds it.

The ends of all ranges cut the addresses into pieces. A binary tree stands over the pieces, and a range is filed at the
few nodes that cover it exactly; an address is found by bisection, and its ranges on the way from its piece to the root.
So n ranges take room for n log n entries and an address takes log n steps, however the ranges overlap.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from dtr_rules.destinations import AddressRange
from dtr_rules.hosts import Address
from dtr_rules.index.entries import Bucket, bucket
from dtr_rules.index.entry import Entry


class AddressesMaker:
    """Collects ranges and their entries, which come in the order of the rule set."""

    def __init__(self) -> None:
        self._ranges: dict[int, dict[tuple[int, int], list[Entry]]] = {}

    def add(self, addresses: AddressRange, entry: Entry) -> None:
        ends = (int(addresses.first), int(addresses.last) + 1)
        self._ranges.setdefault(addresses.first.version, {}).setdefault(ends, []).append(entry)

    def table(self) -> Addresses:
        return Addresses({version: _pieces(ranges) for version, ranges in self._ranges.items()})


_Pieces = tuple[list[int], list[Bucket | None]]


def _pieces(ranges: dict[tuple[int, int], list[Entry]]) -> _Pieces:
    starts = sorted({end for ends in ranges for end in ends})
    size = len(starts)
    nodes: list[list[Entry]] = [[] for _ in range(2 * size)]
    for (first, behind), entries in ranges.items():
        left, right = bisect_left(starts, first) + size, bisect_left(starts, behind) + size
        while left < right:
            if left & 1:
                nodes[left] += entries
                left += 1
            if right & 1:
                right -= 1
                nodes[right] += entries
            left, right = left >> 1, right >> 1
    return starts, [bucket(sorted(entries, key=_place)) if entries else None for entries in nodes]


def _place(entry: Entry) -> int:
    return entry[0]


class Addresses:
    """The tables, ready to be asked."""

    __slots__ = ("_pieces",)

    def __init__(self, pieces: dict[int, _Pieces]) -> None:
        self._pieces = pieces

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def collect(self, address: Address, found: list[Bucket]) -> None:
        """Add to `found` the entries of every range that holds `address`."""
        pieces = self._pieces.get(address.ip.version)
        if pieces is None:
            return
        starts, nodes = pieces
        at = bisect_right(starts, int(address.ip)) - 1
        if at < 0:
            return
        at += len(starts)
        while at:
            there = nodes[at]
            if there is not None:
                found.append(there)
            at >>= 1
