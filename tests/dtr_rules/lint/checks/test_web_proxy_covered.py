"""DTR104."""

from __future__ import annotations

from typing import Any

PROXIED = {"to": ["cert.a.example"], "action": "web-proxy", "proxy": "cert.a.example:5262", "platforms": ["android"]}


def test_a_web_proxy_rule_behind_a_wider_one(found: Any) -> None:
    (finding,) = found("DTR104", [(["*.a.example"], "tunnel"), PROXIED])
    assert (finding.severity, finding.rule, finding.finding.about) == ("error", "r2", "cert.a.example")
    assert finding.finding.example.decision.rule == "r1"


def test_a_web_proxy_rule_covered_in_part(found: Any) -> None:
    (finding,) = found("DTR104", [(["cert.a.example:80"], "block"), PROXIED])
    assert finding.finding.example.flow.port == 80


def test_the_other_checks_leave_web_proxy_rules_to_this_one(found: Any) -> None:
    rules = [(["*.a.example"], "tunnel"), PROXIED]
    assert found("DTR101", rules) == []
    assert found("DTR103", rules) == []


def test_a_web_proxy_rule_that_comes_first_is_fine(found: Any) -> None:
    assert found("DTR104", [PROXIED, (["*.a.example"], "tunnel")]) == []
    assert found("DTR104", [PROXIED, {**PROXIED, "name": "again"}]) == []
