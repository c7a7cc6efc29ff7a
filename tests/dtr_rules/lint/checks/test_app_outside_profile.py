"""DTR109."""

from __future__ import annotations

from typing import Any

RULE = {"to": ["a.example"], "action": "tunnel", "apps": ["com.in", "com.out"]}


def test_an_app_that_does_not_carry_the_profile(found: Any) -> None:
    (finding,) = found("DTR109", [RULE], profile_apps=["com.in"])
    assert (finding.severity, finding.finding.about) == ("warning", "com.out")
    assert finding.finding.example.decision.reason == "not-in-vpn-profile"


def test_letters_count_on_android_alone(found: Any) -> None:
    assert found("DTR109", [{**RULE, "platforms": ["ios"]}], profile_apps=["COM.IN", "com.Out"]) == []
    assert len(found("DTR109", [{**RULE, "platforms": ["android"]}], profile_apps=["COM.IN", "com.Out"])) == 2


def test_where_nobody_says_which_apps_carry_it(found: Any) -> None:
    assert found("DTR109", [RULE]) == []
    assert found("DTR109", [RULE], profile_apps=["com.in"], mode="full-device") == []
