"""DTR301."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("action", "severity", "gain"),
    [
        ("bypass", "error", "past the gateway and its log"),
        ("block", "error", "cut off from the fleet"),
        ("tunnel", "warning", "egress addresses that the identity providers trust"),
    ],
)
def test_severity_and_gain_by_action(found: Any, action: str, severity: str, gain: str) -> None:
    (finding,) = found("DTR301", [(["*acme.okta.com"], action)])
    assert finding.severity == severity
    assert gain in finding.finding.message
    assert str(finding.finding.example.flow.host) == "evilacme.okta.com"
    assert (finding.finding.example.decision.action, finding.finding.example.decision.rule) == (action, "r1")


@pytest.mark.parametrize(
    ("pattern", "host", "how"),
    [
        pytest.param("*acme.okta.com", "evilacme.okta.com", "signs up for a tenant of okta.com", id="tenant"),
        pytest.param("*microsoftonline.com", "evilmicrosoftonline.com", "anybody can register", id="registrable"),
        pytest.param("*acme.co.uk", "evilacme.co.uk", "anybody can register", id="public-suffix-of-two-labels"),
        pytest.param("*-acme.example", "evil-acme.example", "anybody can register", id="hyphen"),
        pytest.param("*okta.com", "evilokta.com", "anybody can register", id="the-suffix-itself"),
    ],
)
def test_who_can_get_the_host(found: Any, pattern: str, host: str, how: str) -> None:
    (finding,) = found("DTR301", [([pattern], "tunnel")])
    assert str(finding.finding.example.flow.host) == host
    assert how in finding.finding.message


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("*.acme.okta.com", id="dot"),
        pytest.param("acme.okta.com", id="exact"),
        pytest.param("*login.microsoftonline.com", id="only-the-owner-names-hosts-there"),
        pytest.param("*acme.internal", id="nobody-can-register-it"),
        pytest.param("*acme*", id="open-at-both-ends"),
        pytest.param("*", id="everything"),
    ],
)
def test_no_look_alike(found: Any, pattern: str) -> None:
    assert found("DTR301", [([pattern], "bypass")]) == []


def test_a_pattern_whose_look_alikes_an_earlier_rule_takes(found: Any) -> None:
    assert found("DTR301", [(["*.okta.com"], "block"), (["*acme.okta.com"], "bypass")]) == []
