"""What the tables hold: for each key the entries of all destinations that share it, in the order of the rule set.

A table finds the destinations whose host fits. An entry says the rest: its place in the set, its ports, whom its rule
is for, and the decision where it is the first to fit.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

from dtr_rules.index.audiences import PLATFORMS
from dtr_rules.index.entry import EVERY_PORT, Entry
from dtr_rules.index.ports import Ports

CROWD: Final = 16
"""From so many entries on, they are sorted out by app and port before anybody asks, and not one after the other."""

_InOrder: TypeAlias = tuple[Entry, ...] | Ports


class Crowd:
    """Many entries of one key, by the number of the app (or of its platform, for an app that no entry names)."""

    __slots__ = ("_by_number",)

    def __init__(self, by_number: dict[int, _InOrder]) -> None:
        self._by_number = by_number

    def of(self, number: int, platform: int, port: int) -> tuple[Entry, ...]:
        """The entries to look at, in order, for the app `number` on `platform` and for `port`."""
        found = self._by_number.get(number)
        if found is None:
            found = self._by_number[platform]
        return found if isinstance(found, tuple) else found.at(port)


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
    made: dict[tuple[int, ...], _InOrder] = {}
    return Crowd({number: _in_order(found, made) for number, found in by_number.items()})


def _in_order(entries: list[Entry], made: dict[tuple[int, ...], _InOrder]) -> _InOrder:
    """The entries of one number; apps for which the same ones come, as many do, share them."""
    places = tuple([place for place, *_ in entries])
    if places not in made:
        made[places] = tuple(entries) if len(entries) <= CROWD else Ports(entries)
    return made[places]
