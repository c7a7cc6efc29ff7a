"""DTR305."""

from __future__ import annotations

from typing import Any

RULES = [(["a.example"], "tunnel")]


def test_a_default_that_safari_does_not_follow(found: Any) -> None:
    (finding,) = found("DTR305", RULES, default="block")
    assert finding.severity == "warning"
    assert "on ios and macos" in finding.finding.message
    assert finding.finding.example.decision.reason == "safari-has-no-default"


def test_where_safari_is_not_concerned(found: Any) -> None:
    assert found("DTR305", RULES) == []
    assert found("DTR305", RULES, default="block", profile_apps=["com.example.app"]) == []
    assert found("DTR305", [{"to": ["a.example"], "action": "tunnel", "platforms": ["android"]}], default="block") == []
