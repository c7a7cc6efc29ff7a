"""Which boxes match an address or share addresses with a range."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

from dtr_rules.analysis.boxes import Box
from dtr_rules.destinations import AddressRange


class AddressTable:
    """The address ranges of some boxes, by IP version and first address."""

    def __init__(self, boxes: Iterable[Box]) -> None:
        self._boxes: dict[int, list[tuple[int, int, Box]]] = {4: [], 6: []}
        for box in boxes:
            if isinstance(box.where, AddressRange):
                entry = (int(box.where.first), int(box.where.last), box)
                self._boxes[box.where.first.version].append(entry)
        for entries in self._boxes.values():
            entries.sort(key=lambda entry: entry[:2])
        self._firsts = {version: [each[0] for each in entries] for version, entries in self._boxes.items()}
        self._reach = {
            version: list(accumulate((each[1] for each in entries), max)) for version, entries in self._boxes.items()
        }

    def meeting(self, version: int, first: int, last: int) -> list[Box]:
        """Boxes whose range has an address from `first` to `last`, in order."""
        entries, reach = self._boxes[version], self._reach[version]
        found = []
        for at in range(bisect_right(self._firsts[version], last) - 1, -1, -1):
            if reach[at] < first:
                break
            if entries[at][1] >= first:
                found.append(entries[at][2])
        return sorted(found, key=lambda box: box.order)
