"""Name patterns: for a name, the entries of every pattern that fits it."""

from __future__ import annotations

from dtr_rules.destinations import NamePattern
from dtr_rules.index.entries import Bucket, Entry, bucket
from dtr_rules.index.middles import Middles, MiddlesMaker
from dtr_rules.index.tails import Tails, TailsMaker


class NamesMaker:
    """Collects patterns and their entries, which come in the order of the rule set. `*` is not among them."""

    def __init__(self, *, wildcard_matches_apex: bool) -> None:
        self._apex = wildcard_matches_apex
        self._exact: dict[str, list[Entry]] = {}
        self._ends, self._starts, self._middles = TailsMaker(), TailsMaker(), MiddlesMaker()

    def add(self, pattern: NamePattern, entry: Entry) -> None:
        literal = pattern.literal
        if pattern.open_start and pattern.open_end:
            self._middles.add(literal, entry)
        elif pattern.open_start:
            self._ends.add(literal, entry)
        elif pattern.open_end:
            self._starts.add(_mirrored(literal), entry)
        else:
            self._exact.setdefault(literal, []).append(entry)
        if self._apex and pattern.open_start and literal.startswith("."):
            self.add(NamePattern(literal[1:], open_end=pattern.open_end), entry)

    def table(self) -> Names:
        exact = {name: bucket(entries) for name, entries in self._exact.items()}
        return Names(exact, self._ends.table(), self._starts.table(), self._middles.table())


class Names:
    """The tables, ready to be asked."""

    __slots__ = ("_ends", "_exact", "_middles", "_starts")

    def __init__(self, exact: dict[str, Bucket], ends: Tails, starts: Tails, middles: Middles) -> None:
        self._exact = exact
        self._ends = ends or None
        self._starts = starts or None
        self._middles = middles or None

    def collect(self, name: str, found: list[Bucket]) -> None:
        """Add to `found` the entries of every pattern that fits `name`; some may come twice."""
        there = self._exact.get(name)
        if there is not None:
            found.append(there)
        if self._ends is not None:
            self._ends.collect(name, found)
        if self._starts is not None:
            self._starts.collect(_mirrored(name), found)
        if self._middles is not None:
            self._middles.collect(name, found)


def _mirrored(text: str) -> str:
    """Read from the other end, a start is an end."""
    return text[::-1]
