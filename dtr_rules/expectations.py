"""Tests that stand beside the rules: a flow, and what the author expects of it."""

from __future__ import annotations

from dataclasses import dataclass

from dtr_rules.model import Action, Flow
from dtr_rules.reasons import DecisionReason


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a decision has to show; None where the author does not mind. At least one is given."""

    action: Action | None = None
    rule: str | None = None
    reason: DecisionReason | None = None


@dataclass(frozen=True, slots=True)
class RuleTest:
    """One test of a rule set."""

    name: str
    flow: Flow
    expect: Expectation
