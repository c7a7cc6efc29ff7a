"""What the tables hold: for each key the entries of all destinations that share it, in the order of the rule set.

A table finds the destinations whose host fits. An entry says the rest: its place in the set, its ports, whom its rule
is for, and the decision where it is the first to fit.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Final, TypeAlias

from dtr_rules.index.audiences import PLATFORMS, Audience
from dtr_rules.model import Decision

Entry: TypeAlias = tuple[int, int, int, Audience | None, Decision]
"""Place in the set (rules, and destinations within them, counted through), first and last port, audience (None for
every app on every platform), decision."""

EVERY_PORT: Final = (-sys.maxsize, sys.maxsize)

CROWD: Final = 16
"""From so many entries on, they are sorted out by app before anybody asks, and not one after the other."""


class Crowd(dict[int, tuple[Entry, ...]]):
    """Many entries of one key, by the number of the app (or of its platform, for an app that no entry names)."""

    __slots__ = ()

    def of(self, number: int, platform: int) -> tuple[Entry, ...]:
        """The entries to look at, in order, for the app `number` on `platform`."""
        found = self.get(number)
        return self[platform] if found is None else found


Bucket: TypeAlias = tuple[Entry, ...] | Crowd


def bucket(entries: Iterable[Entry]) -> Bucket:
    """The entries of one key, which come in order, without those that an earlier one always beats."""
    kept = _reachable(entries)
    return kept if len(kept) <= CROWD else _crowd(kept)


def _reachable(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries up to the first that takes everybody, without those whose audience was served on every port."""
    kept: list[Entry] = []
    served: set[int] = set()
    for entry in entries:
        _, first, last, audience, _ = entry
        if audience is not None and served and all(_is_served(number, served) for number in audience):
            continue
        kept.append(entry)
        if (first, last) != EVERY_PORT:
            continue
        if audience is None:
            break
        served |= audience
        if all(platform in served for platform in range(len(PLATFORMS))):
            break
    return tuple(kept)


def _is_served(number: int, served: set[int]) -> bool:
    return number in served or number % len(PLATFORMS) in served


def _crowd(entries: tuple[Entry, ...]) -> Crowd:
    numbers = {number for *_, audience, _ in entries if audience is not None for number in audience}
    by_number: dict[int, list[Entry]] = {number: [] for number in (*range(len(PLATFORMS)), *sorted(numbers))}
    on_platform: list[list[int]] = [
        [n for n in by_number if n % len(PLATFORMS) == each] for each in range(len(PLATFORMS))
    ]
    done: set[int] = set()
    for entry in entries:
        _, first, last, audience, _ = entry
        for number in range(len(PLATFORMS)) if audience is None else audience:
            takers = on_platform[number] if number < len(PLATFORMS) else [number]
            for taker in takers:
                if taker not in done:
                    by_number[taker].append(entry)
            if (first, last) == EVERY_PORT:
                done.update(takers)
    return Crowd((number, tuple(found)) for number, found in by_number.items())
