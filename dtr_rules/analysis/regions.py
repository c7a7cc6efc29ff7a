"""A rule set made ready for questions."""

from __future__ import annotations

from dataclasses import dataclass

from dtr_rules.analysis.address_table import AddressTable
from dtr_rules.analysis.boxes import Box, boxes_of
from dtr_rules.analysis.name_table import NameTable
from dtr_rules.analysis.seats import Seats, seats_of
from dtr_rules.destinations import AddressRange
from dtr_rules.model import RuleSet


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """A rule set with its destinations as boxes, and tables that find them. `prepare` makes it."""

    rule_set: RuleSet
    seats: Seats
    boxes: tuple[Box, ...]
    names: NameTable
    addresses: AddressTable
    named: tuple[Box, ...]
    """The boxes that match names, those for every host among them."""
    ranged: tuple[Box, ...]
    """The boxes that match addresses alone."""
    first_box: tuple[int, ...]
    """For each rule the order of its first box; one more for the end."""

    def boxes_of_rule(self, rule_index: int) -> tuple[Box, ...]:
        """The boxes of a rule. Raises IndexError where there is no such rule."""
        if not 0 <= rule_index < len(self.rule_set.rules):
            raise IndexError(f"the set has no rule with the index {rule_index}")
        return self.boxes[self.first_box[rule_index] : self.first_box[rule_index + 1]]


def prepare(rule_set: RuleSet | Regions) -> Regions:
    """`rule_set`, ready for many questions."""
    return rule_set if isinstance(rule_set, Regions) else regions_of(rule_set, seats_of(rule_set))


def regions_of(rule_set: RuleSet, seats: Seats) -> Regions:
    """`rule_set` with the seats that it shares with others."""
    boxes = boxes_of(rule_set, seats)
    starts = [0]
    for rule in rule_set.rules:
        starts.append(starts[-1] + len(rule.destinations))
    return Regions(
        rule_set,
        seats,
        boxes,
        NameTable(boxes),
        AddressTable(boxes),
        named=tuple(box for box in boxes if not isinstance(box.where, AddressRange)),
        ranged=tuple(box for box in boxes if isinstance(box.where, AddressRange)),
        first_box=tuple(starts),
    )
