"""Which of many entries decides for a port, where they take the same hosts and apps and differ by their ports.

The ends of all port ranges cut the ports into pieces. In each piece one entry comes first, so a port is found by
bisection, however many entries there are and however they overlap.
"""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from dtr_rules.index.entry import Entry


class Ports:
    """The table of entries that come in the order of the rule set. Whom they are for is not looked at."""

    __slots__ = ("_deciding", "_starts")

    def __init__(self, entries: Sequence[Entry]) -> None:
        ends = {end for _, first, last, *_ in entries for end in (first, last + 1)}
        self._starts = [-sys.maxsize, *sorted(ends - {-sys.maxsize})]
        self._deciding: list[tuple[Entry, ...]] = [()] * len(self._starts)
        self._fill(entries)

    def _fill(self, entries: Sequence[Entry]) -> None:
        behind = list(range(len(self._starts) + 1))  # for each piece one from which on the next free piece is found
        for entry in entries:
            _, first, last, *_ = entry
            piece, end = bisect_left(self._starts, first), bisect_left(self._starts, last + 1)
            while (piece := _free(behind, piece)) < end:
                self._deciding[piece] = (entry,)
                behind[piece] = piece + 1

    def at(self, port: int) -> tuple[Entry, ...]:
        """The entry that comes first for `port`; nothing where none is for it."""
        return self._deciding[bisect_right(self._starts, port) - 1]


def _free(behind: list[int], piece: int) -> int:
    """The first free piece from `piece` on; the way there is made shorter for whoever comes next."""
    while behind[piece] != piece:
        behind[piece] = behind[behind[piece]]
        piece = behind[piece]
    return piece
