"""What the servers themselves recorded of a sign-in: the gateway's, Okta's and Entra's logs as short values.

Pure: log entries in, a short value out. Nothing in here comes from the device.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from dtr_rules.decision_log import DecisionRecord
from lab.device.sign_in import Outcome

SIGN_IN_EVENTS: Final = frozenset(
    {
        "user.session.start",
        "policy.evaluate_sign_on",
        "user.authentication.sso",
        "app.oauth2.token.grant.access_token",
        "app.oauth2.token.grant.id_token",
    }
)


class Admission(StrEnum):
    """What the gateway did."""

    ADMITTED = "admitted"
    REFUSED = "refused"
    NOT_ASKED = "not asked"
    MIXED = "mixed"
    """It did not do the same with all connections of one sign-in."""


@dataclass(frozen=True, slots=True)
class GatewayView:
    """What the gateway did with the connections of one sign-in, and the reasons and rules that it wrote down."""

    admission: Admission
    reasons: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProviderView:
    """What an identity provider wrote down: from which addresses, with which verdict, by which policy or rule."""

    outcome: Outcome
    addresses: tuple[str, ...] = ()
    by: str = ""
    zone: str = ""
    """The zone that the provider found the address in; empty for none, and where the log has no such field."""


def gateway_view(records: Iterable[DecisionRecord]) -> GatewayView:
    """The gateway's part, from the records of its CONNECTs (records of other events are passed over)."""
    asked = [record for record in records if record.event != "end"]
    if not asked:
        return GatewayView(Admission.NOT_ASKED)
    verdicts = {Admission.ADMITTED if record.admitted else Admission.REFUSED for record in asked}
    return GatewayView(
        verdicts.pop() if len(verdicts) == 1 else Admission.MIXED,
        _unique(record.reason for record in asked),
        _unique(record.rule for record in asked if record.rule and record.admitted),
    )


def okta_view(events: Iterable[Mapping[str, Any]]) -> ProviderView:
    """Okta's part, from System Log events, oldest first."""
    found = [event for event in events if event["eventType"] in SIGN_IN_EVENTS]
    if not found:
        return ProviderView(Outcome.NEVER_REACHED)
    addresses = _unique(event["client"]["ipAddress"] for event in found)
    judged = [event for event in found if event["eventType"] == "policy.evaluate_sign_on"]
    if not judged:
        return ProviderView(Outcome.BROKEN, addresses)
    last = judged[-1]
    rule = next((target["displayName"] for target in last["target"] if target["type"] == "Rule"), "")
    zone = str(last["client"]["zone"])
    return ProviderView(
        Outcome.ALLOWED if last["outcome"]["result"] == "ALLOW" else Outcome.DENIED,
        addresses,
        rule,
        "" if zone == "null" else zone,
    )


def entra_view(sign_ins: Iterable[Mapping[str, Any]]) -> ProviderView:
    """Entra's part, from sign-in log entries, oldest first."""
    found = list(sign_ins)
    if not found:
        return ProviderView(Outcome.NEVER_REACHED)
    last = found[-1]
    blocking = [
        policy["displayName"]
        for policy in last.get("appliedConditionalAccessPolicies") or ()
        if policy.get("result") == "failure"
    ]
    return ProviderView(
        Outcome.ALLOWED if last["status"]["errorCode"] == 0 else Outcome.DENIED,
        _unique(entry["ipAddress"] for entry in found),
        ", ".join(blocking),
    )


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
