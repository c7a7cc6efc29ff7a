"""Coverage of a rule set by its tests: what decided a test, and why the rest did not.

The items are the rules and their destinations. An item is decided where it decided at least one test, whether
that test passed or not: a failing test reaches the rule, too. Whether an item can decide at all is not for tests to
say; that question is asked of the analysis, which answers with a proof, an example flow or `NotDecided`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from dtr_rules.analysis import Covered, NotCovered, NotDecided
from dtr_rules.destinations import Destination, NamePattern
from dtr_rules.evaluate import covers_app
from dtr_rules.model import Decision, Flow, Rule, RuleSet
from dtr_rules.outcomes import Outcome, SuiteOutcome
from dtr_rules.reasons import DecisionReason

Answer: TypeAlias = Covered | NotCovered | NotDecided
CanDecide: TypeAlias = Callable[[int, int | None], Answer]
"""Whether a rule, or a destination of it, can decide any flow at all; indexes from 0."""


class Standing(StrEnum):
    """Whether an item decided a test and, if not, why. Stable strings."""

    DECIDED = "decided"
    NEVER_REACHED = "never-reached"
    """No test's flow matches it."""
    EARLIER_WON = "earlier-won"
    """A test's flow matches it, but something that comes earlier decided."""
    COVERED = "covered"
    """No flow at all can be decided by it: earlier rules leave nothing over."""


@dataclass(frozen=True, slots=True)
class Winner:
    """What decided a test that an item would have matched."""

    test: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Item:
    """A rule, or one of its destinations."""

    rule_index: int
    destination_index: int | None
    standing: Standing
    tests: int = 0
    """How many tests it decided."""
    winner: Winner | None = None
    """For an item that was reached: what won, in the first such test."""
    can_decide: Answer | None = None
    """None where a test has shown it."""


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """A rule and its destinations, in order."""

    rule: Item
    destinations: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far the tests of a rule set go."""

    rule_set: RuleSet
    rules: tuple[RuleCoverage, ...]
    default_tests: int
    """How many tests the default action decided. It is shown, and does not count."""

    @property
    def items(self) -> Iterator[Item]:
        for each in self.rules:
            yield each.rule
            yield from each.destinations

    @property
    def total(self) -> int:
        return sum(1 for _ in self.items)

    @property
    def decided(self) -> int:
        return sum(item.standing is Standing.DECIDED for item in self.items)


def cover(ran: SuiteOutcome, can_decide: CanDecide) -> Coverage:
    """The coverage of a rule set by the tests that were run on it."""
    rule_set = ran.suite.file.rule_set
    decided = Counter(_deciding(rule_set, each.decision) for each in ran.outcomes)
    reached = _Reached(rule_set, ran.outcomes)
    rules = []
    for index, rule in enumerate(rule_set.rules):
        destinations = []
        for place in range(len(rule.destinations)):
            tests = decided[index, place]
            winner = None if tests else reached.first(index, place)
            answer = None if tests else can_decide(index, place)
            destinations.append(_item(index, place, tests, winner, answer))
        rules.append(RuleCoverage(_whole_rule(index, destinations, can_decide), tuple(destinations)))
    default = sum(each.decision.reason is DecisionReason.DEFAULT_ACTION for each in ran.outcomes)
    return Coverage(rule_set, tuple(rules), default)


def percent(decided: int, total: int) -> float:
    """Percent to one decimal, rounded down, so that only everything is 100. Where there is nothing, it is 100."""
    return 100.0 if total == 0 else decided * 1000 // total / 10


def _deciding(rule_set: RuleSet, decision: Decision) -> tuple[int, int] | None:
    """The rule and destination that decided, by their indexes."""
    if decision.rule_index is None:
        return None
    patterns = [each.written or str(each) for each in rule_set.rules[decision.rule_index].destinations]
    return decision.rule_index, patterns.index(decision.destination or "")


def _whole_rule(rule: int, destinations: Sequence[Item], can_decide: CanDecide) -> Item:
    tests = sum(item.tests for item in destinations)
    if tests:
        return _item(rule, None, tests, None, None)
    winner = next((item.winner for item in destinations if item.winner is not None), None)
    shown = next((item.can_decide for item in destinations if isinstance(item.can_decide, NotCovered)), None)
    return _item(rule, None, 0, winner, shown or can_decide(rule, None))


def _item(rule: int, destination: int | None, tests: int, winner: Winner | None, answer: Answer | None) -> Item:
    if tests:
        standing = Standing.DECIDED
    elif isinstance(answer, Covered):
        standing = Standing.COVERED
    else:
        standing = Standing.NEVER_REACHED if winner is None else Standing.EARLIER_WON
    return Item(rule, destination, standing, tests, winner, answer)


class _Reached:
    """Which tests an item matches. Names in full are looked up; other patterns are held against every test."""

    def __init__(self, rule_set: RuleSet, outcomes: Sequence[Outcome]) -> None:
        self._rule_set = rule_set
        self._all = outcomes
        self._by_host: dict[str, list[Outcome]] = defaultdict(list)
        for each in outcomes:
            self._by_host[str(each.test.flow.host)].append(each)

    def first(self, rule_index: int, destination_index: int) -> Winner | None:
        """The first test that the destination matches, for a destination that decided none."""
        rule = self._rule_set.rules[rule_index]
        destination = rule.destinations[destination_index]
        found = (each for each in self._candidates(destination) if self._matches(rule, destination, each.test.flow))
        first = next(found, None)
        return None if first is None else Winner(first.test.name, first.decision)

    def _candidates(self, destination: Destination) -> Sequence[Outcome]:
        target = destination.target
        if isinstance(target, NamePattern) and not (target.open_start or target.open_end):
            return self._by_host.get(target.literal, ())
        return self._all

    def _matches(self, rule: Rule, destination: Destination, flow: Flow) -> bool:
        if flow.platform not in rule.platforms or not covers_app(rule, flow):
            return False
        apex = self._rule_set.wildcard_matches_apex
        return destination.matches(flow.host, flow.port, flow.address, wildcard_matches_apex=apex)
