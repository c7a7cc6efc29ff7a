"""Carries out the actions of compliance policies: messages, profiles, and the order to revoke tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from lab.uem.compliance.actions import (
    Action,
    ActionType,
    InstallComplianceProfile,
    Notify,
    RemoveProfile,
    RevokeTokens,
)
from lab.uem.compliance.violation import Taken, Violation
from lab.uem.delivery import Delivery
from lab.uem.inventory import CommandType, DevicePlatform, ManagedDevice
from lab.uem.profile import Assignment

WITH_TOKENS = frozenset({DevicePlatform.APPLE, DevicePlatform.ANDROID})
"""The platforms for which the product can revoke Entra's tokens (the vendor's tutorial)."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a policy told a device's user."""

    at: datetime
    udid: str
    by: ActionType
    policy: str


@dataclass(frozen=True, slots=True)
class TokenOrder:
    """Somebody's sign-ins at Entra are to be revoked."""

    device: ManagedDevice
    violation: Violation
    action: RevokeTokens


@dataclass(slots=True)
class Measures:
    """What the engine asks for, by the tenant's means. `orders` wait until somebody can reach Entra."""

    delivery: Delivery
    now: Callable[[], datetime]
    messages: list[Message] = field(default_factory=list)
    orders: list[TokenOrder] = field(default_factory=list)

    def take(self, device: ManagedDevice, violation: Violation, action: Action) -> None:
        match action:
            case Notify(by):
                self.messages.append(Message(self.now(), device.udid, by, violation.policy.name))
                violation.taken.append(Taken(action, by, self.now()))
            case RemoveProfile(name):
                self._profile(device, violation, action, name)
            case InstallComplianceProfile(name):
                self._profile(device, violation, action, name)
            case RevokeTokens():
                if device.platform in WITH_TOKENS:
                    self.orders.append(TokenOrder(device, violation, action))

    def lift(self, device: ManagedDevice, violation: Violation) -> None:
        """Compliance profiles go, and what they replaced or what was taken away comes back."""
        about = {taken.profile_id for taken in violation.taken if taken.profile_id is not None}
        for profile_id in sorted(about):
            if not self._is_assigned(device, profile_id):
                self.delivery.take_away(device, profile_id)
        if about:
            self._bring_back(device)

    def _profile(
        self, device: ManagedDevice, violation: Violation, action: RemoveProfile | InstallComplianceProfile, name: str
    ) -> None:
        profile = self.delivery.named(name, device.platform)
        if profile is None:
            return
        removes = isinstance(action, RemoveProfile)
        word = ActionType.REMOVE_PROFILE if removes else ActionType.INSTALL_COMPLIANCE_PROFILE
        violation.taken.append(Taken(action, word, self.now(), profile.id))
        if removes:
            self.delivery.take_away(device, profile.id)
        else:
            self.delivery.queue_profile(device, CommandType.INSTALL_PROFILE, profile.id)

    def _bring_back(self, device: ManagedDevice) -> None:
        if any(isinstance(taken.action, InstallComplianceProfile) for taken in device.taken):
            return  # another policy keeps its compliance profile there
        for profile in self.delivery.profiles.values():
            if profile.assignment is Assignment.AUTO and self.delivery.is_assigned(profile, device):
                self.delivery.bring(device, profile.id)

    def _is_assigned(self, device: ManagedDevice, profile_id: int) -> bool:
        return self.delivery.is_assigned(self.delivery.profiles[profile_id], device)
