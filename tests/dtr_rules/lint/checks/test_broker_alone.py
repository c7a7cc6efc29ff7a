"""DTR203."""

from __future__ import annotations

from typing import Any

BROKER = "com.azure.authenticator"
MAIL = "com.microsoft.Office.Outlook"


def rule(*apps: str) -> dict[str, Any]:
    to = ["login.microsoftonline.com"]
    return {"to": to, "action": "tunnel", "apps": list(apps) or "all", "platforms": ["android"]}


def test_the_broker_but_not_the_app_that_asks(found: Any) -> None:
    (finding,) = found("DTR203", [rule(BROKER)], idp=("entra",), profile_apps=[BROKER, MAIL])
    assert (finding.severity, finding.finding.about, finding.rule) == ("error", "login.microsoftonline.com", "r1")
    assert (finding.finding.example.flow.app, finding.finding.example.decision.action) == (MAIL, "bypass")


def test_the_broker_alone_in_an_open_set(found: Any) -> None:
    (finding,) = found("DTR203", [rule(BROKER)], idp=("entra",))
    assert "any other app does not" in finding.finding.message


def test_both_or_neither(found: Any) -> None:
    assert found("DTR203", [rule(BROKER, MAIL)], idp=("entra",), profile_apps=[BROKER, MAIL]) == []
    assert found("DTR203", [rule()], idp=("entra",), profile_apps=[BROKER, MAIL]) == []
    assert found("DTR203", [rule(MAIL)], idp=("entra",), profile_apps=[BROKER, MAIL]) == []
    assert found("DTR203", [rule(BROKER, MAIL)], idp=("entra",)) == []


def test_an_ios_bundle_id_is_no_broker_on_android(found: Any) -> None:
    assert found("DTR203", [rule("com.microsoft.azureauthenticator")], idp=("entra",)) == []
