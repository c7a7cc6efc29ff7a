"""What names contain: a table that knows, for a name, every literal that stands somewhere in it.

Each literal is filed under one of its runs of three letters, the one that is rarest among all literals; a name is asked
for each of its own runs, and only the literals filed there are compared. Literals of one or two letters are files of
their own.
"""

from __future__ import annotations

from collections import Counter

from dtr_rules.index.entries import Bucket, Entry, bucket

FEW = 24
"""So many literals are compared one by one in less time than the runs of a name take."""

_RUN = 3


class MiddlesMaker:
    """Collects literals and their entries, which come in the order of the rule set."""

    def __init__(self) -> None:
        self._entries: dict[str, list[Entry]] = {}

    def add(self, literal: str, entry: Entry) -> None:
        self._entries.setdefault(literal, []).append(entry)

    def table(self) -> Middles:
        buckets = [(literal, bucket(entries)) for literal, entries in self._entries.items()]
        if len(buckets) <= FEW:
            return Middles(tuple(buckets), {})
        often = Counter(run for literal, _ in buckets for run in _runs(literal))
        files: dict[int, dict[str, list[tuple[str, Bucket]]]] = {}
        for literal, entries in buckets:
            run = min(_runs(literal), key=lambda each: (often[each], each))
            files.setdefault(len(run), {}).setdefault(run, []).append((literal, entries))
        return Middles((), files)


def _runs(literal: str) -> set[str]:
    size = min(_RUN, len(literal))
    return {literal[at : at + size] for at in range(len(literal) - size + 1)}


class Middles:
    """The table, ready to be asked."""

    __slots__ = ("_few", "_files")

    def __init__(
        self, few: tuple[tuple[str, Bucket], ...], files: dict[int, dict[str, list[tuple[str, Bucket]]]]
    ) -> None:
        self._few = few
        self._files = files

    def __bool__(self) -> bool:
        return bool(self._few or self._files)

    def collect(self, name: str, found: list[Bucket]) -> None:
        """Add to `found` the entries of every literal that `name` contains; some may come twice."""
        for literal, entries in self._few:
            if literal in name:
                found.append(entries)
        for size, files in self._files.items():
            for at in range(len(name) - size + 1):
                there = files.get(name[at : at + size])
                if there is not None:
                    found.extend([entries for literal, entries in there if literal in name])
