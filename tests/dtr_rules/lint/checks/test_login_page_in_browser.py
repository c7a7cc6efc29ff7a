"""DTR204."""

from __future__ import annotations

from typing import Any

APP, SAFARI, CHROME = "com.example.app", "com.apple.mobilesafari", "com.android.chrome"


def rule(platform: str, apps: Any = "all") -> dict[str, Any]:
    return {"to": ["acme.okta.com"], "action": "tunnel", "platforms": [platform], "apps": apps}


def test_safari_does_not_carry_the_profile(found: Any) -> None:
    (finding,) = found("DTR204", [rule("ios")], idp=("okta:acme.okta.com",), profile_apps=[APP])
    assert (finding.severity, finding.finding.about) == ("warning", SAFARI)
    assert (finding.finding.example.flow.app, finding.finding.example.decision.reason) == (SAFARI, "not-in-vpn-profile")


def test_the_rule_is_for_the_app_alone(found: Any) -> None:
    (finding,) = found("DTR204", [rule("ios", [APP])], idp=("okta:acme.okta.com",), profile_apps=[APP, SAFARI])
    assert finding.finding.example.decision.reason == "safari-has-no-default"


def test_custom_tabs_are_a_note(found: Any) -> None:
    (finding,) = found("DTR204", [rule("android")], idp=("okta:acme.okta.com",), profile_apps=[APP])
    assert (finding.severity, finding.finding.about) == ("note", CHROME)


def test_the_browser_goes_the_same_way(found: Any) -> None:
    idp = ("okta:acme.okta.com",)
    assert found("DTR204", [rule("ios")], idp=idp, profile_apps=[APP, SAFARI]) == []
    assert found("DTR204", [rule("ios")], idp=idp) == []
    assert found("DTR204", [{**rule("ios"), "action": "block"}], idp=idp, profile_apps=[APP]) == []
