"""What names contain: a table that knows, for a name, every literal that stands somewhere in it.

Each literal is filed under one of its runs of three letters, the one that is rarest among all literals; a name is asked
for each of its own runs, and only the literals filed there are compared. Literals of one or two letters are files of
their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Generic, TypeVar

V = TypeVar("V")

FEW = 24
"""So many literals are compared one by one in less time than the runs of a name take."""

_RUN = 3


class Middles(Generic[V]):
    """The table of some literals and what they hold."""

    __slots__ = ("_few", "_files")

    def __init__(self, literals: Mapping[str, V]) -> None:
        self._few: tuple[tuple[str, V], ...] = ()
        self._files: dict[int, dict[str, list[tuple[str, V]]]] = {}
        if len(literals) <= FEW:
            self._few = tuple(literals.items())
            return
        often = Counter(run for literal in literals for run in _runs(literal))
        for literal, value in literals.items():
            run = min(_runs(literal), key=lambda each: (often[each], each))
            self._files.setdefault(len(run), {}).setdefault(run, []).append((literal, value))

    def __bool__(self) -> bool:
        return bool(self._few or self._files)

    def collect(self, name: str, found: list[V]) -> None:
        """Add to `found` what every literal holds that `name` contains; some may come twice."""
        for literal, value in self._few:
            if literal in name:
                found.append(value)
        for size, files in self._files.items():
            for at in range(len(name) - size + 1):
                there = files.get(name[at : at + size])
                if there is not None:
                    found.extend([value for literal, value in there if literal in name])


def _runs(literal: str) -> set[str]:
    size = min(_RUN, len(literal))
    return {literal[at : at + size] for at in range(len(literal) - size + 1)}
