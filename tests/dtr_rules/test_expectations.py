"""What a decision has to show, and how it is said where it does not."""

from __future__ import annotations

import pytest

from dtr_rules import Action, Decision, DecisionReason, Expectation

BY_RULE = Decision(Action.BLOCK, DecisionReason.RULE, "mail", 1, "*.mail.example")
BY_DEFAULT = Decision(Action.BYPASS, DecisionReason.DEFAULT_ACTION)


@pytest.mark.parametrize(
    ("expect", "decision", "differences"),
    [
        pytest.param(Expectation(Action.BLOCK, "mail", DecisionReason.RULE, ("login",)), BY_RULE, [], id="all-holds"),
        pytest.param(Expectation(Action.BYPASS), BY_DEFAULT, [], id="only-what-is-said-counts"),
        pytest.param(Expectation(Action.TUNNEL), BY_RULE, [("action tunnel", "action block")], id="action"),
        pytest.param(Expectation(rule="login"), BY_RULE, [("rule 'login'", "rule 'mail'")], id="another-rule"),
        pytest.param(
            Expectation(rule="login"), BY_DEFAULT, [("rule 'login'", "no rule (default-action)")], id="no-rule-at-all"
        ),
        pytest.param(
            Expectation(not_rules=("login", "mail")), BY_RULE, [("not rule 'mail'", "rule 'mail'")], id="not-this-rule"
        ),
        pytest.param(Expectation(not_rules=("login", "mail")), BY_DEFAULT, [], id="not-a-rule-holds-for-the-default"),
        pytest.param(
            Expectation(reason=DecisionReason.LOOPBACK),
            BY_DEFAULT,
            [("reason loopback", "reason default-action")],
            id="reason",
        ),
        pytest.param(
            Expectation(Action.TUNNEL, "login"),
            BY_RULE,
            [("action tunnel", "action block"), ("rule 'login'", "rule 'mail'")],
            id="everything-that-differs",
        ),
    ],
)
def test_differences(expect: Expectation, decision: Decision, differences: list[tuple[str, str]]) -> None:
    assert [(each.expected, each.got) for each in expect.differences(decision)] == differences
