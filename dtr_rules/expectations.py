"""Tests of a rule set: a flow, what the author expects of it, and how the decision differs from that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dtr_rules.model import Action, Decision, Flow
from dtr_rules.reasons import DecisionReason


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that was expected and did not come: both sides in words, such as `action tunnel`."""

    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a decision has to show; None, or nothing, where the author does not mind. At least one is given."""

    action: Action | None = None
    rule: str | None = None
    reason: DecisionReason | None = None
    not_rules: tuple[str, ...] = ()
    """Rules that must not be the one that decides."""

    def differences(self, decision: Decision) -> tuple[Difference, ...]:
        """Everything in which `decision` is not what was expected; empty where the test passes."""
        return tuple(self._differences(decision))

    def _differences(self, decision: Decision) -> Iterator[Difference]:
        if self.action not in (None, decision.action):
            yield Difference(f"action {self.action}", f"action {decision.action}")
        if self.rule not in (None, decision.rule):
            yield Difference(f"rule '{self.rule}'", _decided_by(decision))
        if decision.rule in self.not_rules:
            yield Difference(f"not rule '{decision.rule}'", _decided_by(decision))
        if self.reason not in (None, decision.reason):
            yield Difference(f"reason {self.reason}", f"reason {decision.reason}")


@dataclass(frozen=True, slots=True)
class RuleTest:
    """One test of a rule set; of a table, one case."""

    name: str
    flow: Flow
    expect: Expectation
    entry: int = 0
    """The place in the file's list of tests, from 0; the cases of a table share it."""


def _decided_by(decision: Decision) -> str:
    return f"no rule ({decision.reason})" if decision.rule is None else f"rule '{decision.rule}'"
