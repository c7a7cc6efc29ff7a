"""Boxes: each destination of a rule set with who may ask and for which port, in the order in which they decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from dtr_rules.analysis.atoms import Atom, atoms
from dtr_rules.analysis.plane import Plane, plane
from dtr_rules.analysis.seats import Seats
from dtr_rules.destinations import AddressRange, Destination
from dtr_rules.model import Rule, RuleSet

Where: TypeAlias = "tuple[Atom, ...] | AddressRange | None"
"""The hosts of a box: those of any of the atoms, those with an address in the range, or (None) all."""


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """One destination. `order` counts through the whole set: the matching box with the smallest one decides."""

    order: int
    rule_index: int
    destination_index: int
    rule: Rule
    destination: Destination
    plane: Plane
    where: Where


def boxes_of(rule_set: RuleSet, seats: Seats) -> tuple[Box, ...]:
    """The boxes of `rule_set`, in order."""
    found: list[Box] = []
    for rule_index, rule in enumerate(rule_set.rules):
        its_seats = seats.of(rule.platforms, rule.apps)
        for destination_index, each in enumerate(rule.destinations):
            where = where_of(each, wildcard_matches_apex=rule_set.wildcard_matches_apex)
            its_plane = plane(its_seats, each.ports)
            found.append(Box(len(found), rule_index, destination_index, rule, each, its_plane, where))
    return tuple(found)


def where_of(destination: Destination, *, wildcard_matches_apex: bool) -> Where:
    """The hosts of `destination`."""
    target = destination.target
    if isinstance(target, AddressRange):
        return target
    return None if target.is_everything else atoms(target, wildcard_matches_apex=wildcard_matches_apex)
