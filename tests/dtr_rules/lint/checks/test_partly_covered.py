"""DTR103."""

from __future__ import annotations

from typing import Any

import pytest

from dtr_rules.lint.run import lint


def test_an_exception_before_a_general_rule_is_a_note(found: Any) -> None:
    (finding,) = found("DTR103", [(["login.a.example"], "tunnel"), (["*.a.example"], "block")])
    assert (finding.severity, finding.rule) == ("note", "r2")
    assert "rule 1 'r1' takes a part from rule 2 'r2'" in finding.finding.message
    assert finding.finding.example.decision.rule == "r1"


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param([(["login*"], "block"), (["*.a.example"], "tunnel")], id="patterns-cross"),
        pytest.param(
            [{"to": ["*.a.example"], "action": "block", "apps": ["com.a"]}, (["x.a.example"], "tunnel")],
            id="wider-for-one-app",
        ),
        pytest.param([(["10.0.0.0-10.0.0.9"], "block"), (["10.0.0.5-10.0.0.20"], "tunnel")], id="ranges-cross"),
    ],
)
def test_a_collision_is_a_warning(found: Any, rules: list[Any]) -> None:
    (finding,) = found("DTR103", rules)
    assert finding.severity == "warning"
    assert finding.finding.example.decision.action == "block"


def test_several_earlier_rules_make_one_finding(found: Any) -> None:
    (finding,) = found("DTR103", [(["x.a.example"], "tunnel"), (["y.a.example"], "tunnel"), (["*.a.example"], "block")])
    assert "rules 1 'r1' and 2 'r2' take a part" in finding.finding.message
    assert len(finding.finding.examples) == 2


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param([(["x.a.example"], "tunnel"), (["*.a.example"], "tunnel")], id="same-action"),
        pytest.param([(["*.a.example"], "block"), (["x.a.example"], "tunnel")], id="never-decides-at-all"),
        pytest.param([(["10.0.0.0/8"], "block"), (["a.example"], "tunnel")], id="a-name-may-resolve-there"),
        pytest.param([(["a.example"], "block"), (["b.example"], "tunnel")], id="nothing-shared"),
    ],
)
def test_nothing_to_say(found: Any, rules: list[Any]) -> None:
    assert found("DTR103", rules) == []


def test_large_sets_say_what_was_not_looked_for(subject: Any) -> None:
    report = lint(subject([([f"h{number}.example"], "tunnel") for number in range(101)]))
    assert [each.what for each in report.undecided] == [
        "which patterns only cross, as 'login*' and '*.example.com' do: not looked for in more than 100 rules"
    ]
    assert not report.fails()
    assert report.fails(strict=True)
