"""What is read out of the servers' own logs."""

from __future__ import annotations

from typing import Any

import pytest

from dtr_rules.decision_log import DecisionRecord
from lab.device.sign_in import Outcome
from lab.evidence import (
    Admission,
    GatewayView,
    ProviderView,
    decision,
    entra_entry,
    entra_view,
    gateway_view,
    okta_entry,
    okta_view,
)


def record(*, admitted: bool, reason: str, rule: str | None = None) -> DecisionRecord:
    return DecisionRecord(
        event="connect",
        decision_id="d",
        time="2026-05-04T12:00:00.000Z",
        gateway="lab",
        source="127.43.0.11",
        stage="decision",
        reason=reason,
        admitted=admitted,
        rule=rule,
    )


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        pytest.param([], GatewayView(Admission.NOT_ASKED), id="nothing-written"),
        pytest.param(
            [record(admitted=True, reason="rule", rule="a"), record(admitted=True, reason="rule", rule="a")],
            GatewayView(Admission.ADMITTED, ("rule",), ("a",)),
            id="admitted-twice-by-one-rule",
        ),
        pytest.param(
            [record(admitted=False, reason="device-unknown")],
            GatewayView(Admission.REFUSED, ("device-unknown",)),
            id="refused",
        ),
        pytest.param(
            [record(admitted=True, reason="rule", rule="a"), record(admitted=False, reason="default-action")],
            GatewayView(Admission.MIXED, ("rule", "default-action"), ("a",)),
            id="one-of-each",
        ),
    ],
)
def test_the_gateway_s_part(records: list[DecisionRecord], expected: GatewayView) -> None:
    assert gateway_view(map(decision, records)) == expected


def event(kind: str, address: str, *, zone: str = "null", result: str = "SUCCESS", rule: str = "") -> dict[str, Any]:
    targets = [{"type": "AppInstance", "displayName": "Outlook"}]
    if rule:
        targets.append({"type": "Rule", "displayName": rule})
    return {
        "eventType": kind,
        "published": "2026-05-04T12:00:00.000Z",
        "actor": {"alternateId": "anna@acme.example"},
        "client": {"ipAddress": address, "zone": zone},
        "outcome": {"result": result, "reason": None},
        "target": targets,
    }


JUDGED = "policy.evaluate_sign_on"


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([], ProviderView(Outcome.NEVER_REACHED), id="nothing-logged"),
        pytest.param(
            [event("zone.update", "127.0.0.1")], ProviderView(Outcome.NEVER_REACHED), id="somebody-else-s-business"
        ),
        pytest.param(
            [
                event("user.session.start", "127.42.0.10", zone="Tunnel"),
                event(JUDGED, "127.42.0.11", zone="Tunnel", result="ALLOW", rule="R"),
            ],
            ProviderView(Outcome.ALLOWED, ("127.42.0.10", "127.42.0.11"), "R", "Tunnel"),
            id="allowed-from-two-addresses",
        ),
        pytest.param(
            [event(JUDGED, "127.43.0.11", result="DENY", rule="Catch-all Rule")],
            ProviderView(Outcome.DENIED, ("127.43.0.11",), "Catch-all Rule"),
            id="denied-and-the-text-null-is-no-zone",
        ),
        pytest.param(
            [event(JUDGED, "127.43.0.11", result="CHALLENGE", rule="R")],
            ProviderView(Outcome.DENIED, ("127.43.0.11",), "R"),
            id="a-challenge-is-no-admission",
        ),
        pytest.param(
            [event("user.session.start", "127.43.0.11", result="FAILURE")],
            ProviderView(Outcome.BROKEN, ("127.43.0.11",)),
            id="a-wrong-password-is-judged-by-no-policy",
        ),
    ],
)
def test_okta_s_part(events: list[dict[str, Any]], expected: ProviderView) -> None:
    assert okta_view(map(okta_entry, events)) == expected


def sign_in(address: str, code: int, **policies: str) -> dict[str, Any]:
    applied = [{"displayName": name, "result": result} for name, result in policies.items()]
    return {
        "createdDateTime": "2026-05-04T12:00:00Z",
        "isInteractive": True,
        "userPrincipalName": "anna@acme.example",
        "appDisplayName": "Outlook",
        "ipAddress": address,
        "status": {"errorCode": code, "failureReason": "Other."},
        "appliedConditionalAccessPolicies": applied,
    }


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param([], ProviderView(Outcome.NEVER_REACHED), id="nothing-logged"),
        pytest.param(
            [sign_in("127.42.0.10", 0, Block="notApplied")],
            ProviderView(Outcome.ALLOWED, ("127.42.0.10",)),
            id="allowed",
        ),
        pytest.param(
            [sign_in("127.43.0.11", 53003, Block="failure", Other="success")],
            ProviderView(Outcome.DENIED, ("127.43.0.11",), "Block"),
            id="blocked-by-the-policy-that-failed",
        ),
    ],
)
def test_entra_s_part(entries: list[dict[str, Any]], expected: ProviderView) -> None:
    assert entra_view(map(entra_entry, entries)) == expected
