"""DTR101."""

from __future__ import annotations

from typing import Any

import pytest

from dtr_rules.model import Action


@pytest.mark.parametrize(
    ("rules", "severity", "words"),
    [
        pytest.param(
            [(["*.a.example"], "block"), (["x.a.example"], "tunnel")], "error", "something else", id="different"
        ),
        pytest.param([(["*.a.example"], "tunnel"), (["x.a.example"], "tunnel")], "note", "the same", id="same"),
        pytest.param(
            [(["a.example"], "block"), (["b.example"], "block"), (["a.example", "b.example"], "tunnel")],
            "error",
            "rules 1 'r1' and 2 'r2'",
            id="two-together",
        ),
        pytest.param([(["localhost"], "tunnel")], "error", "nothing that it matches", id="loopback"),
        pytest.param(
            [(["10.0.0.0/8"], "block"), (["10.1.2.0/24"], "tunnel")], "error", "something else", id="addresses"
        ),
    ],
)
def test_a_rule_that_earlier_ones_cover(found: Any, rules: list[Any], severity: str, words: str) -> None:
    (finding,) = found("DTR101", rules)
    assert (finding.severity, finding.rule) == (severity, f"r{len(rules)}")
    assert words in finding.finding.message


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param([(["x.a.example"], "block"), (["*.a.example"], "tunnel")], id="narrower-first"),
        pytest.param([(["a.example:443"], "block"), (["a.example"], "tunnel")], id="other-ports-left"),
        pytest.param(
            [{"to": ["a.example"], "action": "block", "platforms": ["ios"]}, (["a.example"], "tunnel")],
            id="other-platforms-left",
        ),
        pytest.param(
            [{"to": ["a.example"], "action": "block", "apps": ["com.a"]}, (["a.example"], "tunnel")],
            id="other-apps-left",
        ),
    ],
)
def test_a_rule_that_can_still_decide(found: Any, rules: list[Any]) -> None:
    assert found("DTR101", rules) == []


def test_the_example_shows_what_happens_instead(found: Any) -> None:
    (finding,) = found("DTR101", [(["*.a.example"], "block"), (["x.a.example"], "tunnel")])
    example = finding.finding.example
    assert str(example.flow.host) == "x.a.example"
    assert (example.decision.action, example.decision.rule) == (Action.BLOCK, "r1")
    assert str(finding.place) == "rules.yaml:11:3"
