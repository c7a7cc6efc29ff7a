"""The rule set that the demo comes with."""

from __future__ import annotations

from importlib import resources

import pytest

from dtr_rules import Action, Flow, Platform, RuleSetFile, RuleTest, parse_host, parse_rule_set
from dtr_rules.evaluate import evaluate

TEXT = (resources.files("lab") / "demo-rules.yaml").read_text(encoding="utf-8")
FILE: RuleSetFile = parse_rule_set(TEXT, "demo-rules.yaml")


@pytest.mark.parametrize("test", FILE.tests, ids=lambda test: test.name)
def test_the_tests_beside_the_rules_hold(test: RuleTest) -> None:
    assert test.expect.differences(evaluate(FILE.rule_set, test.flow)) == ()


def test_there_are_tests_beside_the_rules() -> None:
    assert len(FILE.tests) >= 5


@pytest.mark.parametrize(
    ("host", "action"),
    [
        ("acme.okta.com", Action.TUNNEL),
        ("login.microsoftonline.com", Action.TUNNEL),
        ("login.windows.net", Action.TUNNEL),
        ("login.microsoft.com", Action.TUNNEL),
        ("sts.windows.net", Action.TUNNEL),
        ("evilacme.okta.com", Action.BYPASS),
        ("sub.acme.okta.com", Action.BYPASS),
        ("acme.okta.com.evil.example", Action.BYPASS),
        ("graph.microsoft.com", Action.BYPASS),
    ],
)
@pytest.mark.parametrize("platform", [Platform.IOS, Platform.ANDROID])
def test_identity_providers_by_their_exact_names(host: str, action: Action, platform: Platform) -> None:
    flow = Flow(platform, parse_host(host), app="com.microsoft.Office.Outlook")
    assert evaluate(FILE.rule_set, flow).action is action
