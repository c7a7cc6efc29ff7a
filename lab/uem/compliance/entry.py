"""Compliance policies as a file or an HTTP body says them: plain data in, policies out.

name: Passcode
rules: [passcode, {os-at-least: "17.4"}, {seen-within: 7d}]
platforms: [Apple, Android]          # all where left out
groups: [Sales]                      # all where left out
steps:
  - {mark-not-compliant: true, actions: [send-push]}
  - {after: 4h, actions: [{remove-profile: Tunnel}, {install-compliance-profile: "Tunnel, restricted"}]}
  - {after: 1d, actions: [revoke-tokens]}
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from dtr_rules.source import Duration, Model
from lab.uem.apps import TUNNEL_APP
from lab.uem.compliance.actions import (
    Action,
    ActionType,
    InstallComplianceProfile,
    Notify,
    RemoveProfile,
    RevokeTokens,
)
from lab.uem.compliance.policy import CompliancePolicy, Step
from lab.uem.compliance.rules import (
    AppPresent,
    Encrypted,
    NotCompromised,
    OsAtLeast,
    PasscodePresent,
    Rule,
    SeenWithin,
)
from lab.uem.inventory import DevicePlatform

Name = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Version = Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)*$")]


class PlainRule(StrEnum):
    """The rules that need no more than their name."""

    PASSCODE = "passcode"
    ENCRYPTED = "encrypted"
    NOT_COMPROMISED = "not-compromised"
    TUNNEL_APP = "tunnel-app"


class PlainAction(StrEnum):
    """The actions that need no more than their name."""

    SEND_EMAIL = "send-email"
    SEND_SMS = "send-sms"
    SEND_PUSH = "send-push"
    REVOKE_TOKENS = "revoke-tokens"


_RULES: Final[dict[PlainRule, Rule]] = {
    PlainRule.PASSCODE: PasscodePresent(),
    PlainRule.ENCRYPTED: Encrypted(),
    PlainRule.NOT_COMPROMISED: NotCompromised(),
    PlainRule.TUNNEL_APP: AppPresent(TUNNEL_APP),
}
_ACTIONS: Final[dict[PlainAction, Action]] = {
    PlainAction.SEND_EMAIL: Notify(ActionType.SEND_EMAIL),
    PlainAction.SEND_SMS: Notify(ActionType.SEND_SMS),
    PlainAction.SEND_PUSH: Notify(ActionType.SEND_PUSH),
    PlainAction.REVOKE_TOKENS: RevokeTokens(),
}


class _OsAtLeast(Model):
    os_at_least: Version


class _SeenWithin(Model):
    seen_within: Duration


class _RemoveProfile(Model):
    remove_profile: Name


class _InstallComplianceProfile(Model):
    install_compliance_profile: Name


class StepEntry(Model):
    """A step; `after` counts from the step before it."""

    after: Duration = 0.0
    mark_not_compliant: bool = False
    actions: tuple[PlainAction | _RemoveProfile | _InstallComplianceProfile, ...] = ()

    def step(self) -> Step:
        return Step(timedelta(seconds=self.after), self.mark_not_compliant, tuple(map(_action, self.actions)))


class PolicyEntry(Model):
    """A policy, with at least one rule and one step."""

    name: Name
    rules: Annotated[tuple[PlainRule | _OsAtLeast | _SeenWithin, ...], Field(min_length=1)]
    steps: Annotated[tuple[StepEntry, ...], Field(min_length=1)]
    platforms: frozenset[DevicePlatform] = frozenset(DevicePlatform)
    groups: frozenset[Name] | None = None

    def policy(self) -> CompliancePolicy:
        return CompliancePolicy(
            self.name,
            tuple(map(_rule, self.rules)),
            tuple(entry.step() for entry in self.steps),
            self.platforms,
            self.groups,
        )


def _rule(entry: PlainRule | _OsAtLeast | _SeenWithin) -> Rule:
    match entry:
        case _OsAtLeast(os_at_least=version):
            return OsAtLeast(version)
        case _SeenWithin(seen_within=seconds):
            return SeenWithin(timedelta(seconds=seconds))
        case PlainRule():
            return _RULES[entry]


def _action(entry: PlainAction | _RemoveProfile | _InstallComplianceProfile) -> Action:
    match entry:
        case _RemoveProfile(remove_profile=name):
            return RemoveProfile(name)
        case _InstallComplianceProfile(install_compliance_profile=name):
            return InstallComplianceProfile(name)
        case PlainAction():
            return _ACTIONS[entry]
