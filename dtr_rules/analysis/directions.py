"""The two ways of a comparison: what becomes of what a box of one side decides, and what had become of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from dtr_rules.analysis.answers import Effect
from dtr_rules.analysis.boxes import Box
from dtr_rules.analysis.meeting import crossing
from dtr_rules.analysis.plane import EMPTY, Plane, without
from dtr_rules.analysis.sides import Side
from dtr_rules.analysis.standing import Standing
from dtr_rules.destinations import AddressRange

_ByOutcome: TypeAlias = dict[Effect, list[Box]]


@dataclass(frozen=True, slots=True, eq=False)
class Direction:
    """From one side to the other: what becomes of flows that a box of `mine` decides."""

    mine: Side
    theirs: Side
    counterpart: dict[int, int]
    """For the order of each common box of theirs its order in mine."""
    forward: bool
    """From old to new. The way back passes over boxes of theirs that are not common: their own way has told."""
    ranged: _ByOutcome
    """Boxes of theirs for addresses, those of one outcome (action and proxy) together, in order."""
    named: _ByOutcome
    """The same for names, without those for every host."""
    told: dict[tuple[int, Standing, Effect], Plane] = field(default_factory=dict)
    """For rules of mine that meet others loosely: what is known to become of their flows so."""

    def may_decide(self, other: Box, box: Box) -> bool:
        """Whether `other` may decide what `box` does: no common box that comes before `box` in mine, too."""
        if other.order not in self.counterpart:
            return self.forward
        return self.counterpart[other.order] > box.order

    def tell(self, key: tuple[int, Standing, Effect], reached: Plane) -> None:
        """From now on `reached` is known to change so."""
        known = self.told.get(key, EMPTY)
        self.told[key] = (*known, *without(reached, known))

    def untold(self, box: Box, how: Standing) -> Iterator[tuple[Effect, Iterable[Box]]]:
        """Boxes that meet `box` loosely, by outcomes of which nothing is told yet for its rule."""
        if not (self.forward or self.counterpart):
            return
        wanted = {
            outcome
            for outcome in (*self.ranged, *self.named)
            if without(box.plane, self.told.get((box.rule_index, how, outcome), EMPTY))
            and not (self.mine.only_action and outcome == outcome_of(box))
        }
        if not wanted:
            return
        if how is Standing.RESOLVED:
            boxes = self.named if isinstance(box.where, AddressRange) else self.ranged
        else:
            boxes = _by_outcome(crossing(self.theirs.regions, box))
        for outcome in [each for each in boxes if each in wanted]:
            yield outcome, boxes[outcome]


def direction(mine: Side, theirs: Side, counterpart: dict[int, int], *, forward: bool) -> Direction:
    """The way from `mine` to `theirs`; `counterpart` as in `Direction`."""
    asked = [box for box in theirs.regions.boxes if box.where is not None and (forward or box.order in counterpart)]
    ranged = _by_outcome(box for box in asked if isinstance(box.where, AddressRange))
    named = _by_outcome(box for box in asked if not isinstance(box.where, AddressRange))
    return Direction(mine, theirs, counterpart, forward, ranged, named)


def outcome_of(box: Box) -> Effect:
    """What is done where `box` decides: action and proxy."""
    return Effect(box.rule.action, box.rule.proxy)


def _by_outcome(boxes: Iterable[Box]) -> _ByOutcome:
    found: _ByOutcome = {}
    for box in boxes:
        found.setdefault(outcome_of(box), []).append(box)
    return found
