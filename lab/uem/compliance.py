"""The tenant's compliance engine: a policy, what it judges, and what it does to a device that breaks it.

A policy acts at once and escalates later. The two steps are two states of the world: first the device is
marked while its VPN profile is still there (its sign-ins end in a refusal at the gateway), then the profile
is taken away (its sign-ins reach the identity provider from the device's own address).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from lab.uem.inventory import ComplianceStatus, ManagedDevice, Sample, time_text


class Action(StrEnum):
    """What an escalation does to a device, in the words of the API's ActionType."""

    REMOVE_PROFILE = "BlockRemoveProfile"


@dataclass(frozen=True, slots=True)
class CompliancePolicy:
    """A rule over what devices report. Marks a device at once; `escalation` follows after `grace`."""

    name: str
    detail: str
    kept: Callable[[Sample], bool]
    escalation: Action
    profile_id: int
    """The profile that the escalation is about."""
    grace: timedelta = timedelta(hours=4)


def passcode_policy(profile_id: int) -> CompliancePolicy:
    """The lab's policy: no passcode, marked as not compliant; some hours later, no VPN profile."""
    return CompliancePolicy(
        name="Passcode",
        detail="A passcode is present on the device",
        kept=lambda sample: sample.passcode_present,
        escalation=Action.REMOVE_PROFILE,
        profile_id=profile_id,
    )


def judge(policy: CompliancePolicy, sample: Sample | None) -> ComplianceStatus:
    """What the policy says of a device that reported `sample`; not available without a report."""
    if sample is None:
        return ComplianceStatus.NOT_AVAILABLE
    return ComplianceStatus.COMPLIANT if policy.kept(sample) else ComplianceStatus.NON_COMPLIANT


def report(device: ManagedDevice, policy: CompliancePolicy) -> dict[str, Any]:
    """The answer of GET /mdm/devices/{id}/compliance."""
    checked = device.last_compliance_check
    return {
        "OverallCompliantStatus": device.compliance.value,
        "DeviceCompliance": [
            {
                "PolicyName": policy.name,
                "PolicyDetail": policy.detail,
                "CompliantStatus": device.compliance is ComplianceStatus.COMPLIANT,
                "CompliancePending": device.compliance is ComplianceStatus.PENDING,
                "LastComplianceCheck": time_text(checked),
                "NextComplianceCheck": time_text(checked and checked + policy.grace),
                "ActionTaken": [{"ActionType": action} for action in device.actions_taken],
            }
        ],
        "Page": 0,
        "PageSize": 500,
        "Total": 1,
    }
