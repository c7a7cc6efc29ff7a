"""A compliance policy: what it asks, of whom, and the steps that follow where a device breaks it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lab.uem.compliance.actions import Action, RemoveProfile
from lab.uem.compliance.rules import PasscodePresent, Rule, SeenWithin
from lab.uem.inventory import DevicePlatform, ManagedDevice

TUNNEL: Final = "Tunnel"
"""What the lab calls the Tunnel profile of every platform."""
GRACE: Final = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Step:
    """What happens `after` some time, if the device breaks the policy still.

    The first step's time counts from when the device was found to break the policy, every other's from the step
    before it. A policy may act without ever marking: the device then stays compliant, though its profile is gone.
    """

    after: timedelta = timedelta(0)
    mark_not_compliant: bool = False
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class CompliancePolicy:
    """A policy. One broken rule breaks it; a rule that cannot tell does not."""

    name: str
    rules: tuple[Rule, ...]
    steps: tuple[Step, ...]
    platforms: frozenset[DevicePlatform] = frozenset(DevicePlatform)
    groups: frozenset[str] | None = None
    """The organisation groups that it is assigned to; None for all."""

    @property
    def detail(self) -> str:
        return "; ".join(rule.detail for rule in self.rules)

    @property
    def uuid(self) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:uem:compliance-policy:{self.name}"))

    @property
    def is_timed(self) -> bool:
        """Whether a device can break it by doing nothing."""
        return any(isinstance(rule, SeenWithin) for rule in self.rules)

    def applies(self, device: ManagedDevice) -> bool:
        return device.platform in self.platforms and (self.groups is None or device.group in self.groups)

    def kept(self, device: ManagedDevice, now: datetime) -> bool | None:
        """Whether the device keeps all rules; None where one cannot tell and none is broken."""
        if device.sample is None:
            return None
        answers = {rule.kept(device, now) for rule in self.rules}
        return False if False in answers else None if None in answers else True


def passcode_policy() -> CompliancePolicy:
    """The lab's policy: no passcode, marked as not compliant; some hours later, no Tunnel profile."""
    escalation = Step(after=GRACE, actions=(RemoveProfile(TUNNEL),))
    return CompliancePolicy("Passcode", (PasscodePresent(),), (Step(mark_not_compliant=True), escalation))
