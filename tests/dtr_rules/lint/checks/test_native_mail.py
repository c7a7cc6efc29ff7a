"""DTR205."""

from __future__ import annotations

from typing import Any

MAIL = "com.apple.mobilemail"
RULE = {"to": ["acme.okta.com"], "action": "tunnel", "platforms": ["ios"]}


def test_a_rule_for_native_mail(found: Any) -> None:
    (finding,) = found("DTR205", [{**RULE, "apps": ["com.apple.MobileMail"]}])
    assert (finding.severity, finding.rule, finding.finding.about) == ("warning", "r1", MAIL)
    assert finding.finding.example.decision.action == "tunnel"


def test_native_mail_among_the_profile_apps(found: Any) -> None:
    (finding,) = found("DTR205", [RULE], profile_apps=[MAIL, "com.example.boxer"])
    assert finding.finding.path == ("profile-apps",)
    assert finding.finding.example.flow.app == MAIL


def test_other_platforms_and_apps(found: Any) -> None:
    assert found("DTR205", [{**RULE, "apps": ["com.example.boxer"]}]) == []
    assert found("DTR205", [{**RULE, "apps": [MAIL], "platforms": ["android"]}]) == []
    assert found("DTR205", [RULE]) == []
