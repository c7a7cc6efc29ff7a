"""Which effects change into which others between two sides, and where: each box that the sides do not share is held
against everything on the other side that may decide the same flows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dtr_rules.analysis.alignment import align
from dtr_rules.analysis.answers import Effect
from dtr_rules.analysis.boxes import Box
from dtr_rules.analysis.budget import Budget, OutOfBudgetError
from dtr_rules.analysis.directions import Direction, direction
from dtr_rules.analysis.meeting import nested, standing
from dtr_rules.analysis.plane import EMPTY, Plane, both, plane, without
from dtr_rules.analysis.sides import Side
from dtr_rules.analysis.spots import Spot, find_spot
from dtr_rules.analysis.standing import Standing

TELLS_ALL: Final = 500
"""Boxes that two sides do not share, up to which every port and seat is told where patterns merely cross."""
EVERYTHING: Final = plane(-1)


@dataclass(frozen=True, slots=True)
class Found:
    """Flows that change from `old` to `new`: decided by these boxes (None for the default), for instance at `spots`."""

    old: Effect
    new: Effect
    old_box: Box | None
    new_box: Box | None
    spots: tuple[Spot, ...]
    """Places whose planes hold every port and seat for which some host that both boxes match changes so."""


class Comparison:
    """A comparison of two sides with the same seats."""

    def __init__(self, old: Side, new: Side, budget: Budget) -> None:
        self._old, self._new, self._budget = old, new, budget
        self._tells_all = True
        self.undecided = 0
        """How many boxes could not be compared to the end."""

    def __iter__(self) -> Iterator[Found]:
        aligned = align(self._old, self._new)
        self._tells_all = len(aligned.old_only) + len(aligned.new_only) <= TELLS_ALL
        forth = direction(self._old, self._new, aligned.old_of, forward=True)
        back = direction(self._new, self._old, aligned.new_of, forward=False)
        for way, boxes in ((forth, aligned.old_only), (back, aligned.new_only)):
            for box in boxes:
                if self._budget.steps <= 0:  # nothing is left to start another one with
                    self.undecided += 1
                    continue
                yield from self._guarded(self._from_box(way, box))
        yield from self._guarded(self._between_defaults())

    def _guarded(self, found: Iterator[Found]) -> Iterator[Found]:
        try:
            yield from found
        except OutOfBudgetError:
            self.undecided += 1

    def _from_box(self, way: Direction, box: Box) -> Iterator[Found]:
        """What becomes of the flows that `box` decides, or had become of them."""
        effect, rest, limit = way.mine.effect(box), box.plane, len(way.theirs.regions.boxes)
        alike = way.theirs.rules.get(effect, frozenset())
        for other in nested(way.theirs.regions, box):
            self._budget.spend(len(rest))
            if other.rule_index not in alike and way.may_decide(other, box):
                yield from self._pair(way, box, other)
            if standing(other.where, box.where) is Standing.AROUND:
                rest = without(rest, other.plane)
            if not rest:
                limit = other.order
                break
        if box.where is not None:
            yield from self._loosely(way, box, Standing.CROSSING, limit)
            yield from self._loosely(way, box, Standing.RESOLVED, limit)
        for seats, other_effect in way.theirs.defaults if rest else ():
            if other_effect != effect:
                old_box, new_box = (box, None) if way.forward else (None, box)
                yield from self._found(old_box, new_box, both(rest, plane(seats)), other_effect)

    def _loosely(self, way: Direction, box: Box, how: Standing, limit: int) -> Iterator[Found]:
        """Boxes that share hosts with `box` only in part are many and much alike: of those that do the same, enough
        are shown for each rule to name every port, platform and app that changes; in very large sets, one."""
        alike = way.theirs.rules.get(way.mine.effect(box), frozenset())
        for outcome, others in way.untold(box, how):
            key = (box.rule_index, how, outcome)
            untold = without(box.plane, way.told.get(key, EMPTY))
            for other in others:
                if other.order >= limit or not untold:
                    break
                self._budget.spend(len(untold))
                if other.rule_index in alike or not way.may_decide(other, box):
                    continue
                shared = both(untold, other.plane)
                if not shared:
                    continue
                pair = (box, other) if way.forward else (other, box)
                for found in self._found(*pair, shared):
                    way.tell(key, EVERYTHING if not self._tells_all else _reached(found))
                    untold = without(box.plane, way.told[key])
                    yield found

    def _pair(self, way: Direction, box: Box, other: Box) -> Iterator[Found]:
        pair = (box, other) if way.forward else (other, box)
        return self._found(*pair, both(box.plane, other.plane))

    def _between_defaults(self) -> Iterator[Found]:
        for seats, old in self._old.defaults:
            for others, new in self._new.defaults:
                if old != new:
                    spots = self._spots(None, None, plane(seats & others))
                    yield from [Found(old, new, None, None, spots)] if spots else []

    def _found(
        self, old_box: Box | None, new_box: Box | None, free: Plane, default: Effect | None = None
    ) -> Iterator[Found]:
        """Flows of `free` that these boxes decide, one in each set; `default` is the effect where there is none."""
        spots = self._spots(old_box, new_box, free)
        old = default if old_box is None else self._old.effect(old_box)
        new = default if new_box is None else self._new.effect(new_box)
        if spots and old is not None and new is not None:
            yield Found(old, new, old_box, new_box, spots)

    def _spots(self, old_box: Box | None, new_box: Box | None, free: Plane) -> tuple[Spot, ...]:
        """Places that reach all of `free` that can be reached."""
        wanted = [box.where for box in (old_box, new_box) if box is not None and box.where is not None]
        earlier = [self._old.before(old_box), self._new.before(new_box)]
        spots: list[Spot] = []
        while (spot := find_spot(free, wanted, earlier, self._budget)) is not None:
            spots.append(spot)
            free = without(free, spot.plane)
        return tuple(spots)


def _reached(found: Found) -> Plane:
    """Every port and seat that the found places name."""
    reached: Plane = EMPTY
    for spot in found.spots:
        reached = (*reached, *without(spot.plane, reached))
    return reached
