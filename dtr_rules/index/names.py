"""Name patterns: for a name, the entries of every pattern that fits it."""

from __future__ import annotations

from typing import TypeAlias

from dtr_rules.destinations import NamePattern
from dtr_rules.index.entries import Bucket, bucket
from dtr_rules.index.entry import Entry
from dtr_rules.index.middles import Middles
from dtr_rules.index.tails import Tails

_Literals: TypeAlias = dict[str, list[Entry]]


class NamesMaker:
    """Collects patterns and their entries, which come in the order of the rule set. `*` is not among them."""

    def __init__(self, *, wildcard_matches_apex: bool) -> None:
        self._apex = wildcard_matches_apex
        self._exact: _Literals = {}
        self._ends: _Literals = {}
        self._starts: _Literals = {}
        self._middles: _Literals = {}

    def add(self, pattern: NamePattern, entry: Entry) -> None:
        literal = pattern.literal
        if pattern.open_start and pattern.open_end:
            self._middles.setdefault(literal, []).append(entry)
        elif pattern.open_start:
            self._ends.setdefault(literal, []).append(entry)
        elif pattern.open_end:
            self._starts.setdefault(_mirrored(literal), []).append(entry)
        else:
            self._exact.setdefault(literal, []).append(entry)
        if self._apex and pattern.open_start and literal.startswith("."):
            self.add(NamePattern(literal[1:], open_end=pattern.open_end), entry)

    def table(self) -> Names:
        ends, starts = Tails(_buckets(self._ends)), Tails(_buckets(self._starts))
        return Names(_buckets(self._exact), ends, starts, Middles(_buckets(self._middles)))


def _buckets(literals: _Literals) -> dict[str, Bucket]:
    return {literal: bucket(entries) for literal, entries in literals.items()}


class Names:
    """The tables, ready to be asked."""

    __slots__ = ("_ends", "_exact", "_middles", "_starts")

    def __init__(
        self, exact: dict[str, Bucket], ends: Tails[Bucket], starts: Tails[Bucket], middles: Middles[Bucket]
    ) -> None:
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
