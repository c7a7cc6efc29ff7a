"""Can a rule or a destination ever decide, and what takes from it what it was written for?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dtr_rules.analysis.answers import Cover, Covered, NotCovered, NotDecided, Overlap
from dtr_rules.analysis.boxes import Box
from dtr_rules.analysis.budget import Budget, OutOfBudgetError
from dtr_rules.analysis.meeting import meeting, nested, standing
from dtr_rules.analysis.plane import both, without
from dtr_rules.analysis.questions import UnconfirmedError, confirmed, flow_at
from dtr_rules.analysis.regions import Regions, prepare
from dtr_rules.analysis.spots import Earlier, Spot, find_spot
from dtr_rules.analysis.standing import Standing
from dtr_rules.destinations import AddressRange
from dtr_rules.evaluate import match
from dtr_rules.model import Flow, Rule, RuleSet


def covering(
    rule_set: RuleSet | Regions, rule_index: int, destination_index: int | None = None, budget: Budget | None = None
) -> Covered | NotCovered | NotDecided:
    """Whether a rule, or one of its destinations, can decide any flow at all.

    A destination is held against the earlier rules and the earlier destinations of its own rule, a rule
    against the earlier rules. Raises IndexError where there is no such rule or destination.
    """
    regions, budget = prepare(rule_set), budget or Budget()
    try:
        return _covering(regions, _asked(regions, rule_index, destination_index), budget)
    except OutOfBudgetError:
        return _not_decided(regions, rule_index)


def never_deciding(
    rule_set: RuleSet | Regions, *, destinations: bool = True, budget: Budget | None = None
) -> Iterator[tuple[int, int | None, Covered | NotDecided]]:
    """Every rule that can never decide, and (`destinations`) every such destination of a rule that can.

    As (rule index, destination index or None for the whole rule, answer), in the set's order.
    """
    regions, budget = prepare(rule_set), budget or Budget()
    for index in range(len(regions.rule_set.rules)):
        boxes = regions.boxes_of_rule(index)
        try:
            open_boxes = [box for box in boxes if _open_spot(regions, box, box.order, budget) is not None]
            if not open_boxes:
                yield index, None, _covered(regions, boxes, budget)
                continue
            for box in boxes if destinations else ():
                if box not in open_boxes:
                    yield index, box.destination_index, _covered(regions, (box,), budget)
        except OutOfBudgetError:
            yield index, None, _not_decided(regions, index)


def overlaps(
    rule_set: RuleSet | Regions, one: int, other: int, budget: Budget | None = None
) -> Flow | NotDecided | None:
    """A flow that both rules match and the earlier of them decides; None where there is none, a proof.

    Raises IndexError where there is no such rule.
    """
    regions, budget = prepare(rule_set), budget or Budget()
    first, last = sorted((one, other))
    try:
        for winner in regions.boxes_of_rule(first):
            for loser in regions.boxes_of_rule(last):
                spot = _decided_for(regions, winner, loser, budget)
                if spot is not None:
                    return _example(regions, spot, winner, loser)
    except OutOfBudgetError:
        return _not_decided(regions, first)
    return None


def overlapping(
    rule_set: RuleSet | Regions,
    *,
    different_action: bool = True,
    crossing: bool = False,
    budget: Budget | None = None,
) -> Iterator[Overlap | NotDecided]:
    """Pairs of rules that share flows; with `different_action` only those that do different things.

    By the later rule, then the earlier one. Patterns that only cross, such as `login*` and `*.example.com`, count
    with `crossing`. That a name may resolve into a range of the other rule is left out here: it goes for
    any name and any range. Ends with NotDecided where the budget is spent.
    """
    regions, budget = prepare(rule_set), budget or Budget()
    for index in range(len(regions.rule_set.rules)):
        try:
            yield from _overlapped(regions, index, budget, different_action=different_action, crossing=crossing)
        except OutOfBudgetError:
            yield _not_decided(regions, index)
            return


# --- covering ------------------------------------------------------------------------------------------------


def _asked(regions: Regions, rule_index: int, destination_index: int | None) -> tuple[Box, ...]:
    boxes = regions.boxes_of_rule(rule_index)
    if destination_index is None:
        return boxes
    if not 0 <= destination_index < len(boxes):
        raise IndexError(f"rule {rule_index} has no destination with the index {destination_index}")
    return (boxes[destination_index],)


def _covering(regions: Regions, boxes: Sequence[Box], budget: Budget) -> Covered | NotCovered:
    for box in boxes:
        spot = _open_spot(regions, box, box.order, budget)
        if spot is not None:
            flow = flow_at(spot, regions.seats, regions.rule_set)
            _confirm(regions, flow, box)
            return NotCovered(flow)
    return _covered(regions, boxes, budget)


def _open_spot(regions: Regions, box: Box, limit: int, budget: Budget) -> Spot | None:
    return find_spot(box.plane, [box.where], [Earlier(regions, limit)], budget)


def _covered(regions: Regions, boxes: Sequence[Box], budget: Budget) -> Covered:
    found: dict[int, Cover] = {}
    different: Flow | None = None
    for box in boxes:
        enough = _enough(regions, box, budget)
        for winner in _deciders(regions, box, budget):
            if not _same_kind(winner, box):
                continue
            covers = winner.rule_index not in found and (not enough or winner in enough)
            differs = different is None and _differ(winner.rule, box.rule)
            spot = _decided_for(regions, winner, box, budget) if covers or differs else None
            if spot is None:
                continue
            flow = _example(regions, spot, winner, box)
            if covers:
                found[winner.rule_index] = Cover(winner.rule_index, winner.destination_index, flow)
            if differs:
                different = flow
    return Covered(tuple(found[index] for index in sorted(found)), different)


def _enough(regions: Regions, box: Box, budget: Budget) -> list[Box]:
    """Earlier boxes, each around all hosts of `box` and deciding there, where they leave nothing over; else none."""
    rest, taken = box.plane, []
    for each in meeting(regions, box):
        if each.order >= box.order or not rest:
            break
        if standing(each.where, box.where) is not Standing.AROUND:
            continue
        left = without(rest, each.plane)
        if left != rest:
            taken.append(each)
        rest = left
    if rest or any(_decided_for(regions, each, box, budget) is None for each in taken):
        return []
    return taken


def _same_kind(winner: Box, box: Box) -> bool:
    """Names are covered by name patterns alone; loopback addresses, being met by names only, by either."""
    if isinstance(box.where, tuple):
        return not isinstance(winner.where, AddressRange)
    if isinstance(box.where, AddressRange) and not box.where.first.is_loopback:
        return not isinstance(winner.where, tuple)
    return True


def _deciders(regions: Regions, box: Box, budget: Budget) -> Iterator[Box]:
    """The earlier boxes that may decide something of `box`."""
    for each in meeting(regions, box):
        budget.spend()
        if each.order >= box.order:
            return
        yield each


def _decided_for(regions: Regions, winner: Box, loser: Box, budget: Budget) -> Spot | None:
    """Where `winner` decides what `loser` matches, too."""
    budget.spend()
    shared = both(winner.plane, loser.plane)
    return find_spot(shared, [winner.where, loser.where], [Earlier(regions, winner.order)], budget)


def _overlapped(
    regions: Regions, index: int, budget: Budget, *, different_action: bool, crossing: bool
) -> Iterator[Overlap]:
    found: dict[int, Overlap] = {}
    left_out = (Standing.RESOLVED,) if crossing else (Standing.RESOLVED, Standing.CROSSING)
    for box in regions.boxes_of_rule(index):
        for winner in meeting(regions, box) if crossing else nested(regions, box):
            budget.spend()
            if winner.order >= box.order:
                break
            if winner.rule_index in found or winner.rule_index == index:
                continue
            how = standing(winner.where, box.where)
            if how in left_out or (different_action and not _differ(winner.rule, box.rule)):
                continue
            spot = _decided_for(regions, winner, box, budget)
            if spot is not None:
                flow = _example(regions, spot, winner, box)
                places = (winner.rule_index, index, winner.destination_index, box.destination_index)
                found[winner.rule_index] = Overlap(*places, how, flow)
    yield from (found[earlier] for earlier in sorted(found))


def _differ(one: Rule, other: Rule) -> bool:
    return (one.action, one.proxy) != (other.action, other.proxy)


# --- examples ------------------------------------------------------------------------------------------------


def _example(regions: Regions, spot: Spot, winner: Box, loser: Box) -> Flow:
    flow = flow_at(spot, regions.seats, regions.rule_set)
    _confirm(regions, flow, winner)
    if match(regions.rule_set, loser.rule, flow) is None:
        raise UnconfirmedError(f"rule {loser.rule_index} should match {flow}")
    return flow


def _confirm(regions: Regions, flow: Flow, box: Box) -> None:
    confirmed(regions.rule_set, flow, box.rule_index)
    if match(regions.rule_set, box.rule, flow) != box.destination:
        raise UnconfirmedError(f"destination {box.destination} of rule {box.rule_index} should match {flow} first")


def _not_decided(regions: Regions, index: int) -> NotDecided:
    return NotDecided(f"rule {index + 1} '{regions.rule_set.rules[index].name}' was too large for the budget")
