"""What came of tests: each decision beside its expectation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dtr_rules.expectations import Difference, RuleTest
from dtr_rules.explanation import decision_as_json, flow_as_json
from dtr_rules.mistakes import Place
from dtr_rules.model import Decision, Flow
from dtr_rules.suites import Suite

Decide = Callable[[Flow], Decision]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A test that was run."""

    test: RuleTest
    place: Place
    decision: Decision
    differences: tuple[Difference, ...]

    @property
    def passed(self) -> bool:
        return not self.differences

    @property
    def expected(self) -> str:
        """What was expected and did not come; of a test that passed, nothing."""
        return " and ".join(each.expected for each in self.differences)

    @property
    def got(self) -> str:
        """What came instead, each thing once."""
        return " and ".join(dict.fromkeys(each.got for each in self.differences))

    def as_json(self) -> dict[str, object]:
        """The outcome as plain data; `test` counts the file's entries from 0."""
        expect = self.test.expect
        return {
            "name": self.test.name,
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "test": self.test.entry,
            "flow": flow_as_json(self.test.flow),
            "expect": {
                "action": expect.action,
                "rule": expect.rule,
                "not_rules": list(expect.not_rules),
                "reason": expect.reason,
            },
            "decision": decision_as_json(self.decision),
            "passed": self.passed,
            "differences": [{"expected": each.expected, "got": each.got} for each in self.differences],
        }


@dataclass(frozen=True, slots=True)
class SuiteOutcome:
    """A suite whose tests were run."""

    suite: Suite
    outcomes: tuple[Outcome, ...]

    @property
    def failures(self) -> tuple[Outcome, ...]:
        return tuple(each for each in self.outcomes if not each.passed)


def run(suite: Suite, decide: Decide, *, named: str = "") -> SuiteOutcome:
    """Run the tests of `suite` whose names contain `named`, whatever their case. `decide` is the engine."""
    chosen = (each for each in suite.tests if named.casefold() in each.test.name.casefold())
    outcomes = []
    for each in chosen:
        decision = decide(each.test.flow)
        outcomes.append(Outcome(each.test, each.place, decision, each.test.expect.differences(decision)))
    return SuiteOutcome(suite, tuple(outcomes))
