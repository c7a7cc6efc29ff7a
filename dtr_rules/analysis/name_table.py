"""Which boxes match a host, hold all hosts of an atom, or may share hosts with one: without asking every box."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import chain
from operator import itemgetter

from dtr_rules.analysis.atoms import Atom
from dtr_rules.analysis.boxes import Box
from dtr_rules.index.middles import Middles
from dtr_rules.index.tails import Tails


class NameTable:
    """The atoms of some boxes, by what finds them fastest. A box for every host belongs to each answer."""

    def __init__(self, boxes: Iterable[Box]) -> None:
        self.everything: list[Box] = []
        self._exact: dict[str, list[Box]] = {}
        self._suffix: dict[str, list[Box]] = {}
        self._prefix: dict[str, list[Box]] = {}
        self._inside: dict[str, list[Box]] = {}
        self._all = (self._exact, self._suffix, self._prefix, self._inside)
        for box in boxes:
            self._add(box)
        self._ends, self._middles = Tails(self._suffix), Middles(self._inside)
        self._starts = Tails({literal[::-1]: boxes for literal, boxes in self._prefix.items()})
        ends = [(literal[::-1], boxes) for table in (self._exact, self._suffix) for literal, boxes in table.items()]
        self._backwards = sorted(ends, key=lambda end: end[0])

    def _add(self, box: Box) -> None:
        if box.where is None:
            self.everything.append(box)
        elif isinstance(box.where, tuple):
            for atom in box.where:
                self._table(atom).setdefault(atom.literal, []).append(box)

    def _table(self, atom: Atom) -> dict[str, list[Box]]:
        if atom.at_start:
            return self._exact if atom.at_end else self._prefix
        return self._suffix if atom.at_end else self._inside

    def holding(self, atom: Atom) -> list[Box]:
        """Boxes that match every host of `atom`, in order; of an exact one, all that match that host."""
        found, text = [self.everything], atom.literal
        if atom.is_exact:
            found.append(self._exact.get(text, []))
        if atom.at_end:
            self._ends.collect(text, found)
        if atom.at_start:
            self._starts.collect(text[::-1], found)
        self._middles.collect(text, found)
        return _in_order(chain.from_iterable(found))

    def nested(self, atom: Atom) -> list[Box]:
        """Boxes that match every host of `atom`, or whose pattern is one of its hosts or a narrower one."""
        found = self.holding(atom) if atom.is_exact else [*self.holding(atom), *self._narrower(atom)]
        return _in_order(found)

    def _narrower(self, atom: Atom) -> list[Box]:
        if atom.at_end:
            return self._ending_so(atom.literal)
        tables = (self._exact, self._prefix) if atom.at_start else self._all
        found: list[Box] = []
        for table in tables:
            for literal, boxes in table.items():
                if literal.startswith(atom.literal) if atom.at_start else atom.literal in literal:
                    found += boxes
        return found

    def meeting(self, atom: Atom) -> list[Box]:
        """Boxes that may share hosts with `atom`, in order: none that does is left out."""
        if atom.is_exact:
            return self.holding(atom)
        found = self._ending_so(atom.literal) if atom.at_end else self._meeting_by_scan(atom)
        for table in (self._inside, self._prefix) if atom.at_end else (self._inside, self._suffix):
            for boxes in table.values():
                found += boxes
        return _in_order([*found, *self.everything])

    def _ending_so(self, tail: str) -> list[Box]:
        """Exact hosts and suffixes that end in `tail`, and suffixes that `tail` ends in."""
        wider: list[list[Box]] = []
        self._ends.collect(tail, wider)
        found = list(chain.from_iterable(wider))
        start = tail[::-1]
        for at in range(bisect_left(self._backwards, start, key=itemgetter(0)), len(self._backwards)):
            text, boxes = self._backwards[at]
            if not text.startswith(start):
                break
            found += boxes
        return found

    def _meeting_by_scan(self, atom: Atom) -> list[Box]:
        found: list[Box] = []
        for literal, boxes in self._exact.items():
            if atom.holds(literal):
                found += boxes
        for literal, boxes in self._prefix.items():
            if atom.may_meet(Atom(literal, at_start=True)):
                found += boxes
        return found


def _in_order(found: Iterable[Box]) -> list[Box]:
    unique = {box.order: box for box in found}
    return [unique[order] for order in sorted(unique)]
