"""What the servers themselves recorded of a login: their log lines as values of the record, and short views of them.

Pure: log entries in, values out. Nothing in here comes from the device.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from dtr_rules.decision_log import DecisionRecord
from lab.device.sign_in import Outcome
from lab.record import Decision, Entry, Provider

SIGN_IN_EVENTS: Final = frozenset(
    {
        "user.session.start",
        "policy.evaluate_sign_on",
        "user.authentication.sso",
        "app.oauth2.token.grant.access_token",
        "app.oauth2.token.grant.id_token",
    }
)
EVALUATION: Final = "policy.evaluate_sign_on"


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


# --- log lines as values -----------------------------------------------------------------------------


def decision(record: DecisionRecord) -> Decision:
    """A line of the gateway's decision log."""
    device = record.device
    return Decision(
        decision_id=record.decision_id,
        time=record.time,
        admitted=record.admitted,
        stage=record.stage,
        reason=record.reason,
        detail=record.detail,
        host=record.host,
        rule=record.rule,
        egress=record.egress,
        udid=device.udid if device else None,
        claimed_app=device.claimed_app if device else None,
        posture_age=record.posture_age,
    )


def okta_entry(event: Mapping[str, Any]) -> Entry:
    """An event of Okta's System Log."""
    zone = str(event["client"]["zone"])
    targets = {target["type"]: target["displayName"] for target in event["target"]}
    return Entry(
        provider=Provider.OKTA,
        time=datetime.fromisoformat(event["published"]),
        event=event["eventType"],
        address=event["client"]["ipAddress"],
        result=event["outcome"]["result"],
        reason=event["outcome"]["reason"] or "",
        by=targets.get("Rule", ""),
        zone="" if zone == "null" else zone,
        user=event["actor"]["alternateId"],
        app=targets.get("AppInstance", ""),
    )


def entra_entry(sign_in: Mapping[str, Any]) -> Entry:
    """An entry of Entra's sign-in log. `by` names the policies that blocked: one that does not apply leaves no name."""
    status = sign_in["status"]
    blocking = [
        policy["displayName"]
        for policy in sign_in.get("appliedConditionalAccessPolicies") or ()
        if policy.get("result") == "failure"
    ]
    failed = status["errorCode"] != 0
    return Entry(
        provider=Provider.ENTRA,
        time=datetime.fromisoformat(sign_in["createdDateTime"]),
        event="interactive sign-in" if sign_in["isInteractive"] else "non-interactive sign-in",
        address=sign_in["ipAddress"],
        result="failure" if failed else "success",
        reason=status["failureReason"] if failed else "",
        code=status["errorCode"],
        by=", ".join(blocking),
        user=sign_in["userPrincipalName"],
        app=sign_in["appDisplayName"],
    )


# --- short views -------------------------------------------------------------------------------------


def gateway_view(decisions: Iterable[Decision]) -> GatewayView:
    """The gateway's part in one login."""
    asked = list(decisions)
    if not asked:
        return GatewayView(Admission.NOT_ASKED)
    verdicts = {Admission.ADMITTED if each.admitted else Admission.REFUSED for each in asked}
    return GatewayView(
        verdicts.pop() if len(verdicts) == 1 else Admission.MIXED,
        _unique(each.reason for each in asked),
        _unique(each.rule for each in asked if each.rule and each.admitted),
    )


def okta_view(entries: Iterable[Entry]) -> ProviderView:
    """Okta's part in a sign-in, from its entries, oldest first."""
    found = [entry for entry in entries if entry.event in SIGN_IN_EVENTS]
    if not found:
        return ProviderView(Outcome.NEVER_REACHED)
    addresses = _unique(entry.address for entry in found)
    judged = [entry for entry in found if entry.event == EVALUATION]
    if not judged:
        return ProviderView(Outcome.BROKEN, addresses)
    last = judged[-1]
    outcome = Outcome.ALLOWED if last.result == "ALLOW" else Outcome.DENIED
    return ProviderView(outcome, addresses, last.by, last.zone)


def entra_view(entries: Iterable[Entry]) -> ProviderView:
    """Entra's part in a sign-in, from its entries, oldest first."""
    found = list(entries)
    if not found:
        return ProviderView(Outcome.NEVER_REACHED)
    last = found[-1]
    outcome = Outcome.ALLOWED if last.code == 0 else Outcome.DENIED
    return ProviderView(outcome, _unique(entry.address for entry in found), last.by)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
