"""DTR105."""

from __future__ import annotations

from typing import Any


def test_a_destination_twice_however_written(found: Any) -> None:
    (finding,) = found("DTR105", [(["a.example", "A.Example."], "tunnel")])
    assert (finding.severity, finding.finding.path) == ("note", ("rules", 0, "to", 1))
    assert "'A.Example.' already, as 'a.example'" in finding.finding.message


def test_an_app_twice(found: Any) -> None:
    rule = {"to": ["a.example"], "action": "tunnel", "apps": ["com.a", "com.A"], "platforms": ["ios"]}
    (finding,) = found("DTR105", [rule])
    assert (finding.finding.path, finding.finding.about) == (("rules", 0, "apps", 1), "com.A")


def test_package_names_of_android_are_told_apart(found: Any) -> None:
    rule = {"to": ["a.example"], "action": "tunnel", "apps": ["com.a", "com.A"], "platforms": ["android"]}
    assert found("DTR105", [rule]) == []


def test_a_profile_app_twice(found: Any) -> None:
    (finding,) = found("DTR105", [(["a.example"], "tunnel")], profile_apps=["com.a", "com.b", "com.a"])
    assert finding.finding.path == ("profile-apps", 2)


def test_a_rule_twice(found: Any) -> None:
    rules = [(["a.example", "b.example"], "tunnel"), (["b.example", "a.example"], "tunnel")]
    (finding,) = found("DTR105", rules)
    assert finding.finding.message == "rule 2 'r2' says the same as rule 1 'r1'"


def test_no_duplicates(found: Any) -> None:
    assert found("DTR105", [(["a.example", "a.example:443"], "tunnel"), (["a.example"], "block")]) == []
