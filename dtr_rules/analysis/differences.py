"""What changes in effect from one rule set to another, for every flow there is."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from dtr_rules.analysis.answers import Change, Difference, Effect, FlowClass
from dtr_rules.analysis.boxes import Box
from dtr_rules.analysis.budget import Budget, OutOfBudgetError
from dtr_rules.analysis.comparison import Comparison
from dtr_rules.analysis.leaving import leaving
from dtr_rules.analysis.meeting import standing
from dtr_rules.analysis.plane import both, by_seats
from dtr_rules.analysis.questions import Reference, UnconfirmedError, flow_at
from dtr_rules.analysis.regions import Regions
from dtr_rules.analysis.seats import Seats, seats_of
from dtr_rules.analysis.sides import effect_of, rules_side
from dtr_rules.analysis.spots import Spot
from dtr_rules.analysis.standing import Standing
from dtr_rules.destinations import MAX_PORT, Ports
from dtr_rules.model import Decision, Flow, Mode, Platform, RuleSet


def difference(
    old: RuleSet | Regions, new: RuleSet | Regions, *, only_action: bool = False, budget: Budget | None = None
) -> Difference:
    """Every change of a flow's action, proxy, reason or rule (by name); with `only_action` of action and proxy.

    Flows that reach the rules come first: their app carries the VPN profile, or nobody says. Then those that
    reach them with one set alone, because mode or profile apps differ. What is not named changes nothing.
    """
    question = _Question(_rule_set(old), _rule_set(new), only_action, budget or Budget())
    found: dict[tuple[Effect, Effect], list[FlowClass]] = {}
    for change in question.changes():
        found.setdefault((change.old, change.new), []).extend(change.classes)
    changes = [Change(*effects, tuple(classes)) for effects, classes in found.items()]
    changes.sort(key=_remoteness)
    return Difference(tuple(changes), tuple(question.undecided))


def _remoteness(change: Change) -> tuple[bool, bool]:
    """What a person wants to see first: other actions before other rules, and what needs no two patterns to meet."""
    same_action = change.old.action is change.new.action and change.old.proxy == change.new.proxy
    return same_action, all(each.crossing for each in change.classes)


def _rule_set(given: RuleSet | Regions) -> RuleSet:
    return given.rule_set if isinstance(given, Regions) else given


@dataclass(frozen=True, slots=True)
class _Part:
    """Some seats with the same ports, and a place where one of them can be shown."""

    seats: int
    ports: tuple[Ports, ...]
    spot: Spot


class _Question:
    """Two rule sets, and everything that is asked about them."""

    def __init__(self, old: RuleSet, new: RuleSet, only_action: bool, budget: Budget) -> None:
        self._old, self._new, self._only_action, self._budget = old, new, only_action, budget
        self._seats = seats_of(old, new)
        self._references = {rule_set.digest: Reference(rule_set) for rule_set in (old, new)}
        self.undecided: list[str] = []

    def changes(self) -> Iterator[Change]:
        """All changes, one class in each, as they are found."""
        yield from self._by_rules()
        yield from self._by_profile(None)
        if self._old.mode is not self._new.mode:
            yield from self._by_profile(False)

    def _by_rules(self) -> Iterator[Change]:
        old = rules_side(self._old, self._seats, only_action=self._only_action)
        new = rules_side(self._new, self._seats, only_action=self._only_action)
        comparison = Comparison(old, new, self._budget)
        for found in comparison:
            examples = [(part, flow_at(part.spot, self._seats, self._old, self._new)) for part in _parts(found.spots)]
            yield self._change(found.old, found.new, _hosts(found.old_box, found.new_box), examples)
        if comparison.undecided:
            count, all_boxes = comparison.undecided, len(old.regions.boxes) + len(new.regions.boxes)
            self.undecided.append(
                f"{count} of {all_boxes} destinations of the two sets were not compared to the end: the budget is spent"
            )

    def _by_profile(self, carries: bool | None) -> Iterator[Change]:
        """Flows that reach the rules of one set alone, where the flow says `carries` of the VPN profile."""
        old_in, new_in = (_inside(each, self._seats, carries) for each in (self._old, self._new))
        for rule_set, seats, backwards in ((self._old, old_in & ~new_in, False), (self._new, new_in & ~old_in, True)):
            if not seats:
                continue
            side = rules_side(rule_set, self._seats, only_action=True)
            try:
                for moved in leaving(side, seats, self._budget, only_action=self._only_action):
                    examples = [
                        (part, dataclasses.replace(flow_at(part.spot, self._seats), in_vpn_profile=carries))
                        for part in _parts(moved.spots)
                    ]
                    effects = (moved.outside, moved.inside) if backwards else (moved.inside, moved.outside)
                    yield self._change(*effects, ("*",), examples)
            except OutOfBudgetError:
                self.undecided.append("who enters or leaves the VPN profile was not compared: the budget is spent")

    def _change(self, old: Effect, new: Effect, hosts: tuple[str, ...], examples: list[tuple[_Part, Flow]]) -> Change:
        classes = []
        for part, flow in examples:
            was, becomes = self._confirmed(self._old, flow, old), self._confirmed(self._new, flow, new)
            apps = self._seats.described(part.seats)
            crossing = len(hosts) > 1
            classes.append(FlowClass(hosts, _all_or(part.ports), apps, flow, was, becomes, crossing=crossing))
        return Change(old, new, tuple(classes))

    def _confirmed(self, rule_set: RuleSet, flow: Flow, effect: Effect) -> Decision:
        """What the reference engine says of `flow`. Raises UnconfirmedError unless it comes to `effect`."""
        decision = self._references[rule_set.digest].decide(flow)
        if effect_of(decision, only_action=effect.reason is None) != effect:
            raise UnconfirmedError(f"{flow} should come to {effect}, and comes to {decision}")
        return decision


def _parts(spots: tuple[Spot, ...]) -> Iterator[_Part]:
    """Everything that `spots` reach, by seats that share their ports, each with one of the places."""
    for seats, ports in by_seats(tuple(strip for spot in spots for strip in spot.plane)).items():
        for spot in spots:
            part = both(spot.plane, tuple((each.first, each.last, seats) for each in ports))
            if part:
                yield _Part(seats, ports, Spot(spot.host, spot.address, part))
                break


def _inside(rule_set: RuleSet, seats: Seats, carries: bool | None) -> int:
    """The seats whose flows reach the rules, where the flow says `carries`: see `evaluate.in_vpn_profile`."""
    if rule_set.mode is Mode.FULL_DEVICE:
        return seats.all
    if carries is not None:
        return seats.all if carries else 0
    if rule_set.profile_apps is None:
        return seats.all
    return seats.of(frozenset(Platform), rule_set.profile_apps)


def _hosts(old: Box | None, new: Box | None) -> tuple[str, ...]:
    """The patterns that say where a change is: the narrower one is enough where it lies in the other."""
    if old is None or new is None:
        return tuple(str(box.destination.target) for box in (old, new) if box is not None)
    match standing(old.where, new.where):
        case Standing.AROUND:
            return (str(new.destination.target),)
        case Standing.INSIDE:
            return (str(old.destination.target),)
        case Standing.CROSSING | Standing.RESOLVED:
            return str(old.destination.target), str(new.destination.target)


def _all_or(ports: tuple[Ports, ...]) -> tuple[Ports, ...] | None:
    """None for all ports."""
    return None if ports == (Ports(1, MAX_PORT),) else ports
