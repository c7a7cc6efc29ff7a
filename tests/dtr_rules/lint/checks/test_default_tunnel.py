"""DTR304."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("rules", "severity", "words"),
    [
        pytest.param([(["a.example"], "tunnel")], "warning", "make no difference", id="rules-say-tunnel-too"),
        pytest.param([], "warning", "no rule that says otherwise", id="no-rules"),
        pytest.param([(["a.example"], "bypass")], "note", "seems to be meant", id="exceptions"),
    ],
)
def test_tunnel_by_default(found: Any, rules: list[Any], severity: str, words: str) -> None:
    (finding,) = found("DTR304", rules, default="tunnel")
    assert finding.severity == severity
    assert words in finding.finding.message
    decision = finding.finding.example.decision
    assert (decision.action, decision.reason) == ("tunnel", "default-action")


@pytest.mark.parametrize("default", ["bypass", "block"])
def test_other_defaults(found: Any, default: str) -> None:
    assert found("DTR304", [(["a.example"], "tunnel")], default=default) == []
