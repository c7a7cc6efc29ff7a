"""What GET /mdm/devices/{id}/compliance answers: every policy that applies, and what it has done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from lab.uem.compliance.policy import CompliancePolicy
from lab.uem.inventory import ComplianceStatus, ManagedDevice, time_text

PAGE_SIZE: Final = 500


def compliance(device: ManagedDevice, policies: list[CompliancePolicy], check_every: timedelta) -> dict[str, Any]:
    """The answer about `device`; `check_every` is how long until the next check."""
    applying = [policy for policy in policies if policy.applies(device)]
    return {
        "OverallCompliantStatus": device.compliance.value,
        "DeviceCompliance": [_policy(device, policy, check_every) for policy in applying],
        "Page": 0,
        "PageSize": PAGE_SIZE,
        "Total": len(applying),
    }


def _policy(device: ManagedDevice, policy: CompliancePolicy, check_every: timedelta) -> dict[str, Any]:
    checked = device.last_compliance_check
    violation = device.violations.get(policy.name)
    return {
        "PolicyName": policy.name,
        "PolicyDetail": policy.detail,
        "CompliantStatus": violation is None and device.sample is not None,
        "CompliancePending": device.sample is None or device.compliance is ComplianceStatus.PENDING,
        "LastComplianceCheck": time_text(checked),
        "NextComplianceCheck": time_text(checked and checked + check_every),
        "ActionTaken": [{"ActionType": taken.word} for taken in (violation.taken if violation else [])],
        "Uuid": policy.uuid,
    }
