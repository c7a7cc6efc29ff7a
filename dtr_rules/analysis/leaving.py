"""What apps lose that a set's rules are no longer asked for, or win: one answer for each thing that the rules do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dtr_rules.analysis.answers import Effect
from dtr_rules.analysis.boxes import Box
from dtr_rules.analysis.budget import Budget
from dtr_rules.analysis.plane import Plane, both, plane, without
from dtr_rules.analysis.sides import Side
from dtr_rules.analysis.spots import Spot, find_spot
from dtr_rules.model import Action
from dtr_rules.reasons import DecisionReason


@dataclass(frozen=True, slots=True)
class Part:
    """Flows that the rules would give `inside`, and that get `outside` without them; for instance at `spots`."""

    inside: Effect
    outside: Effect
    spots: tuple[Spot, ...]


def leaving(side: Side, seats: int, budget: Budget, *, only_action: bool) -> Iterator[Part]:
    """For each action and proxy of `side` the ports and `seats` that have it somewhere, unless `outside` is the same.

    `side` compares actions alone; `only_action` says whether the reason makes a difference.
    """
    outside = Effect(Action.BYPASS, None, None if only_action else DecisionReason.NOT_IN_VPN_PROFILE)
    spots: dict[Effect, list[Spot]] = {}
    for effect, box, within in _deciders(side, seats):
        if effect == outside:
            continue
        free, known = within, spots.setdefault(effect, [])
        for spot in known:
            free = without(free, spot.plane)
        wanted = [] if box is None else [box.where]
        while (found := find_spot(free, wanted, [side.before(box)], budget)) is not None:
            known.append(found)
            free = without(free, found.plane)
    for effect, known in spots.items():
        if known:
            yield Part(effect, outside, tuple(known))


def _deciders(side: Side, seats: int) -> Iterator[tuple[Effect, Box | None, Plane]]:
    for box in side.regions.boxes:
        yield side.effect(box), box, both(box.plane, plane(seats))
    for part, effect in side.defaults:
        yield effect, None, plane(seats & part)
