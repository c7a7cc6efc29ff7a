"""Judges devices by the policies and carries out their steps when they are due, by the tenant's clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from lab.uem.compliance.actions import Action
from lab.uem.compliance.policy import CompliancePolicy, Step
from lab.uem.compliance.violation import Violation
from lab.uem.inventory import ComplianceStatus, ManagedDevice


class Measures(Protocol):
    """What carries out actions, and takes them back."""

    def take(self, device: ManagedDevice, violation: Violation, action: Action) -> None:
        """Do it, and add what was done to the violation."""

    def lift(self, device: ManagedDevice, violation: Violation) -> None:
        """The device keeps the policy again: take back what can be taken back."""


@dataclass(slots=True)
class Engine:
    """The policies in force, and what they do. Devices are changed in place."""

    policies: list[CompliancePolicy]
    measures: Measures
    now: Callable[[], datetime]

    def judge(self, device: ManagedDevice) -> None:
        """Judge the device by what it has reported, and set its compliance status."""
        device.last_compliance_check = self.now()
        self._compare(device)
        self._run_due(device)
        device.compliance = _overall(device)

    def revisit(self, device: ManagedDevice) -> None:
        """Time has passed: rules about time, and steps that are due. A status that nothing touches stays as it is."""
        changed = any(policy.is_timed for policy in self.policies) and self._compare(device)
        if self._run_due(device) or changed:
            device.compliance = _overall(device)

    def escalate(self, device: ManagedDevice) -> bool:
        """Carry out the next step of every policy that the device breaks, due or not; False where there is none."""
        steps = [(each, each.next_step) for each in device.violations.values()]
        for violation, step in steps:
            if step is not None:
                self._carry_out(device, violation, step, self.now())
        found = any(step is not None for _, step in steps)
        if found:
            device.compliance = _overall(device)
        return found

    def _compare(self, device: ManagedDevice) -> bool:
        """Begin and end violations; whether there was anything to begin or end."""
        before = set(device.violations)
        applying = {policy.name: policy for policy in self.policies if policy.applies(device)}
        for name in before - set(applying):
            self._end(device, name)
        now = self.now()
        for policy in applying.values():
            kept = policy.kept(device, now)
            if kept is False and policy.name not in device.violations:
                due = now + (policy.steps[0].after if policy.steps else timedelta(0))
                device.violations[policy.name] = Violation(policy, now, due)
            elif kept and policy.name in device.violations:
                self._end(device, policy.name)
        return before != set(device.violations)

    def _end(self, device: ManagedDevice, name: str) -> None:
        self.measures.lift(device, device.violations.pop(name))

    def _run_due(self, device: ManagedDevice) -> bool:
        found = False
        for violation in device.violations.values():
            while (step := violation.next_step) is not None and violation.due <= self.now():
                self._carry_out(device, violation, step, violation.due)
                found = True
        return found

    def _carry_out(self, device: ManagedDevice, violation: Violation, step: Step, at: datetime) -> None:
        violation.steps_done += 1
        violation.marked |= step.mark_not_compliant
        for action in step.actions:
            self.measures.take(device, violation, action)
        if violation.next_step is not None:
            violation.due = at + violation.next_step.after


def _overall(device: ManagedDevice) -> ComplianceStatus:
    if device.sample is None:
        return ComplianceStatus.NOT_AVAILABLE
    marked = any(violation.marked for violation in device.violations.values())
    return ComplianceStatus.NON_COMPLIANT if marked else ComplianceStatus.COMPLIANT
