"""DTR108."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(("switch", "action"), [(False, "bypass"), (True, "tunnel")])
def test_where_the_switch_changes_the_action(found: Any, switch: bool, action: str) -> None:
    (finding,) = found("DTR108", [(["*.a.example"], "tunnel")], wildcard_matches_apex=switch)
    assert finding.severity == "warning"
    assert str(finding.finding.example.flow.host) == "a.example"
    assert finding.finding.example.decision.action == action
    assert "bypass by the default action if it does not, tunnel by rule 1 'r1' if it does" in finding.finding.message


def test_a_pattern_that_is_open_at_both_ends(found: Any) -> None:
    (finding,) = found("DTR108", [(["*.okta.*"], "tunnel")])
    assert str(finding.finding.example.flow.host) == "okta.example"


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param([(["*.a.example", "a.example"], "tunnel")], id="apex-named-beside"),
        pytest.param([(["a.example"], "block"), (["*.a.example"], "tunnel")], id="apex-decided-above"),
        pytest.param([(["*.a.example"], "bypass")], id="the-default-does-the-same"),
        pytest.param([(["*a.example"], "tunnel")], id="no-dot"),
    ],
)
def test_where_it_changes_nothing(found: Any, rules: list[Any]) -> None:
    assert found("DTR108", rules) == []
