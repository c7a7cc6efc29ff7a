"""What each observer recorded against what was expected of it: met only where it is so."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from dtr_rules import Platform
from lab.device import Path, Refusal
from lab.device.outcome import Outcome
from lab.network import LOOPBACK
from lab.process import Result
from lab.record import Connection, Decision, Entry, Login, LoginKind, Provider
from lab.runner.expectations.expect import Expect
from lab.runner.stage import Done, Evidence

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
PHONE, OUTLOOK, SAFARI = "127.43.0.11", "com.microsoft.Office.Outlook", "com.apple.mobilesafari"
OKTA, ENTRA = "acme.okta.com", "login.microsoftonline.com"


def decided(identifier: str, host: str | None, reason: str, **more: Any) -> Decision:
    admitted = reason == "rule"
    return Decision(decision_id=identifier, time="t", admitted=admitted, stage="x", reason=reason, host=host, **more)


def wrote(provider: Provider, event: str, result: str, address: str, **more: Any) -> Entry:
    return Entry(provider=provider, time=NOON, event=event, address=address, result=result, **more)


CONNECTIONS = (
    Connection(opened_by=SAFARI, host=OKTA, port=443, path=Path.TUNNEL, why="", source="127.42.0.10"),
    Connection(opened_by=OUTLOOK, host=ENTRA, port=443, path=Path.DIRECT, why="", source=PHONE),
)
DECISIONS = (
    decided("1", OKTA, "rule", rule="identity-providers", egress="127.42.0.10"),
    decided("2", None, "client-certificate-untrusted"),
)
ENTRIES = (
    wrote(Provider.OKTA, "user.session.start", "SUCCESS", "127.42.0.10", zone="Z"),
    wrote(Provider.OKTA, "policy.evaluate_sign_on", "ALLOW", "127.42.0.10", by="R", zone="Z"),
    wrote(Provider.ENTRA, "interactive sign-in", "failure", PHONE, by="Block", code=53003),
)
LOGIN = Login(
    number=1,
    step=1,
    kind=LoginKind.SIGN_IN,
    device="iphone",
    platform="ios",
    app=OUTLOOK,
    app_name="Outlook",
    surface="broker",
    at="office365",
    user="ben",
    time=NOON,
    connections=CONNECTIONS,
    decisions=DECISIONS,
    entries=ENTRIES,
    outcome=Outcome.DENIED,
    words="AADSTS53003: blocked",
    asked=("password",),
    refusal=Refusal(403, "device-unknown"),
)
PLACE: Any = SimpleNamespace(
    world=SimpleNamespace(
        network=SimpleNamespace(addresses=LOOPBACK),
        devices={"iphone": SimpleNamespace(address=PHONE, platform=Platform.IOS)},
    )
)
SEEN = Evidence(
    done=Done((LOGIN,), Result(1, "one\n  two", "three")),
    connections=CONNECTIONS,
    decisions=DECISIONS,
    entries=ENTRIES,
    told=(),
    operations=PLACE,
)


def unmet(evidence: Evidence, expected: dict[str, Any]) -> list[str]:
    found = Expect.model_validate(expected, by_alias=True, by_name=False)
    return [
        f"{finding.what}: {finding.expected}, was {finding.was}"
        for _, expectation in found.by_observer()
        for finding in expectation.findings(evidence)
        if not finding.met
    ]


@pytest.mark.parametrize(
    ("observer", "right", "wrong"),
    [
        pytest.param("device", {"outcome": "denied"}, {"outcome": "allowed"}, id="outcome"),
        pytest.param("device", {"path": {OKTA: "tunnel", ENTRA: "direct"}}, {"path": {OKTA: "direct"}}, id="path-to"),
        pytest.param("device", {"path": {ENTRA: "direct"}}, {"path": "direct"}, id="one-path-is-all-of-them"),
        pytest.param("device", {"path": {OKTA: "tunnel"}}, {"path": {"no.example": "tunnel"}}, id="a-host-not-asked"),
        pytest.param("device", {"path-of": {"safari": "tunnel"}}, {"path-of": {"outlook": "tunnel"}}, id="path-of"),
        pytest.param("device", {"opened-by": {OKTA: "safari"}}, {"opened-by": {OKTA: "outlook"}}, id="opened-by"),
        pytest.param("device", {"reason": "device-unknown"}, {"reason": "device-blocked-by-admin"}, id="reason"),
        pytest.param("device", {"asked": ["password"]}, {"asked": []}, id="asked"),
        pytest.param("device", {"challenged": False}, {"challenged": True}, id="challenged"),
        pytest.param("device", {"says": "53003"}, {"says": "53004"}, id="says"),
        pytest.param("gateway", {"did": "mixed"}, {"did": "admitted"}, id="gateway-did"),
        pytest.param(
            "gateway", {"reason": ["rule", "client-certificate-untrusted"]}, {"reason": "rule"}, id="all-reasons"
        ),
        pytest.param("gateway", {"rule": "identity-providers"}, {"rule": "other"}, id="gateway-rule"),
        pytest.param("gateway", {"hosts": [OKTA]}, {"hosts": [OKTA, ENTRA]}, id="gateway-hosts"),
        pytest.param("gateway", {"left-from": "127.42.0.10"}, {"left-from": "127.42.0.11"}, id="left-from"),
        pytest.param("okta", {"did": "ALLOW"}, {"did": "nothing"}, id="okta-did"),
        pytest.param("okta", {"rule": "R"}, {"rule": "Catch-all Rule"}, id="okta-rule"),
        pytest.param("okta", {"zone": "Z"}, {"zone": "none"}, id="okta-zone"),
        pytest.param("okta", {"from": "egress"}, {"from": "device"}, id="okta-from"),
        pytest.param("okta", {"from": "127.42.0.10"}, {"from": "127.42.0.11"}, id="okta-from-an-address"),
        pytest.param("okta", {"events": ["user.session.start"]}, {"events": ["zone.update"]}, id="events"),
        pytest.param("okta", {"no-events": ["zone.update"]}, {"no-events": ["user.session.start"]}, id="no-events"),
        pytest.param("entra", {"did": "failure"}, {"did": "success"}, id="entra-did"),
        pytest.param("entra", {"code": 53003}, {"code": 0}, id="entra-code"),
        pytest.param("entra", {"policy": "Block"}, {"policy": "Other"}, id="entra-policy"),
        pytest.param("entra", {"from": "device"}, {"from": "office"}, id="entra-from"),
        pytest.param("command", {"exit": 1}, {"exit": 0}, id="exit"),
        pytest.param("command", {"says": ["one two"]}, {"says": ["two one"]}, id="command-says"),
        pytest.param("command", {"silent-on": ["four"]}, {"silent-on": ["three"]}, id="silent-on"),
    ],
)
def test_it_is_met_where_it_is_so_and_nowhere_else(observer: str, right: dict[str, Any], wrong: dict[str, Any]) -> None:
    assert unmet(SEEN, {observer: right}) == []
    assert len(unmet(SEEN, {observer: wrong})) == 1


def test_of_nothing_nothing_is_expected_to_be_so() -> None:
    nothing = dataclasses.replace(SEEN, done=Done(), connections=(), decisions=(), entries=())
    expected = {
        "device": {"outcome": "denied", "path": "tunnel", "reason": "x"},
        "gateway": {"did": "admitted", "hosts": [OKTA]},
        "okta": {"did": "ALLOW", "from": "egress", "zone": "none"},
        "entra": {"did": "success", "from": "device"},
        "command": {"exit": 0, "says": ["one"]},
    }
    assert len(unmet(nothing, expected)) == sum(map(len, expected.values()))
    absent = {"gateway": {"did": "not asked"}, "okta": {"did": "nothing"}, "entra": {"did": "nothing"}}
    assert unmet(nothing, absent) == []


def test_a_wrong_password_reached_the_org_though_no_policy_was_asked() -> None:
    guessed = wrote(Provider.OKTA, "user.session.start", "FAILURE", PHONE)
    evidence = dataclasses.replace(SEEN, entries=(guessed,))
    assert unmet(evidence, {"okta": {"did": "nothing"}}) == [
        "did: nothing, was no policy evaluation, user.session.start FAILURE"
    ]
