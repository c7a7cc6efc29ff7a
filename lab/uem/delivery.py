"""What is on its way to devices: rule sets, profiles and apps, the command queues, and what devices confirmed.

Save leaves installed rules alone: only who installs the profile afterwards gets the new ones. Save and Publish makes a
new version of every profile that refers to the set, and queues its installation on all devices that it is assigned to.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from lab.uem.apps import TUNNEL_APP, ManagedApp
from lab.uem.compliance.actions import RemoveProfile
from lab.uem.errors import NotAllowedError, NotFoundError
from lab.uem.inventory import Command, CommandType, DevicePlatform, Installation, ManagedDevice
from lab.uem.profile import Assignment, TunnelProfile
from lab.uem.rule_sets import SavedRuleSet, changed_platforms, read_rules


class Delivery:
    """The tenant's rule sets, profiles and managed apps. `now` is the tenant's clock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.rule_sets: Final[dict[str, SavedRuleSet]] = {}
        self.profiles: Final[dict[int, TunnelProfile]] = {}
        self.apps: Final[list[ManagedApp]] = [TUNNEL_APP]
        self._handed_out: Final[dict[str, Installation]] = {}

    # --- rule sets and profiles -------------------------------------------------------------------

    def save(self, name: str, text: str) -> SavedRuleSet:
        """The console's Save. `text` is our YAML or the UEM's JSON. Raises dtr_rules.UnusableFileError."""
        yaml, rules = read_rules(text, name)
        old = self.rule_sets.get(name)
        if old is None:
            saved = SavedRuleSet(len(self.rule_sets) + 1, name, 1, yaml, rules, is_default=not self.rule_sets)
        else:
            saved = replace(old, version=old.version + 1, text=yaml, rules=rules)
        self.rule_sets[name] = saved
        return saved

    def publish(
        self, name: str, text: str, devices: Iterable[ManagedDevice], *, unchanged_platforms: bool
    ) -> tuple[TunnelProfile, ...]:
        """The console's Save and Publish; the profiles that got a new version.

        With `unchanged_platforms` they are all that refer to the set; without, those of platforms whose rules have
        changed, and Apple's if Android's have. Raises dtr_rules.UnusableFileError.
        """
        before = self.rule_sets.get(name)
        after = self.save(name, text)
        reached = frozenset(DevicePlatform)
        if before is not None and not unchanged_platforms:
            reached = changed_platforms(before.rules, after.rules)
            reached |= {DevicePlatform.APPLE} if DevicePlatform.ANDROID in reached else set()
        referring = [each for each in self.profiles.values() if each.rule_set == name and each.platform in reached]
        published = tuple(replace(profile, version=profile.version + 1) for profile in referring)
        self.profiles.update({profile.id: profile for profile in published})
        for device in devices:
            for profile in published:
                if self.is_assigned(profile, device):
                    self.queue_profile(device, CommandType.INSTALL_PROFILE, profile.id)
        return published

    def add_profile(self, profile: TunnelProfile) -> None:
        """Raises NotFoundError for a rule set that does not exist."""
        self.rule_set_of(profile)
        self.profiles[profile.id] = profile

    def rule_set_of(self, profile: TunnelProfile) -> SavedRuleSet:
        """Raises NotFoundError."""
        try:
            return self.rule_sets[profile.rule_set]
        except KeyError:
            raise NotFoundError(f"there is no rule set '{profile.rule_set}'") from None

    def named(self, name: str, platform: DevicePlatform) -> TunnelProfile | None:
        """The profile of this name for a platform."""
        found = (each for each in self.profiles.values() if (each.name, each.platform) == (name, platform))
        return next(found, None)

    def is_assigned(self, profile: TunnelProfile, device: ManagedDevice) -> bool:
        """Whether the device is to have this profile now: compliance policies give and take."""
        if not device.managed or profile.platform is not device.platform:
            return False
        about = [taken.action for taken in device.taken if taken.profile_id == profile.id]
        if profile.assignment is Assignment.COMPLIANCE:
            return bool(about)
        return not any(isinstance(action, RemoveProfile) for action in about)

    # --- the queue --------------------------------------------------------------------------------

    def assign(self, device: ManagedDevice) -> None:
        """What every device of its platform gets: the managed apps, then the profiles."""
        for app in self.apps:
            if (identifier := app.identifiers.get(device.platform)) is not None:
                self.queue_app(device, identifier)
        for profile in self.profiles.values():
            if profile.assignment is Assignment.AUTO and profile.platform is device.platform:
                self.queue_profile(device, CommandType.INSTALL_PROFILE, profile.id)

    def queue_profile(self, device: ManagedDevice, kind: CommandType, profile_id: int) -> None:
        """At the end of the device's queue, in the place of older commands for the same profile."""
        self._withdraw(device, profile_id)
        device.commands.append(Command(secrets.token_hex(8), kind, profile_id=profile_id))

    def take_away(self, device: ManagedDevice, profile_id: int) -> None:
        """Have a profile removed; one that the device has not fetched yet never reaches it."""
        self._withdraw(device, profile_id)
        if profile_id in device.installed:
            self.queue_profile(device, CommandType.REMOVE_PROFILE, profile_id)

    def bring(self, device: ManagedDevice, profile_id: int) -> None:
        """Have a profile installed where it is missing or old; one that the device has yet to remove stays."""
        self._withdraw(device, profile_id)
        installed = device.installed.get(profile_id)
        if installed is None or installed.version != self.profiles[profile_id].version:
            self.queue_profile(device, CommandType.INSTALL_PROFILE, profile_id)

    def _withdraw(self, device: ManagedDevice, profile_id: int) -> None:
        device.commands[:] = [command for command in device.commands if command.profile_id != profile_id]

    def queue_app(self, device: ManagedDevice, identifier: str) -> None:
        """The installation of an app, unless it is in the queue already."""
        if not device.awaits_app(identifier):
            device.commands.append(Command(secrets.token_hex(8), CommandType.INSTALL_APP, app=identifier))

    def content(self, command: Command) -> dict[str, Any]:
        """What a device gets with a command. For a profile: the rules that the set has now."""
        body: dict[str, Any] = {"id": command.id, "type": command.type}
        match command.type:
            case CommandType.INSTALL_APP:
                body["app"] = command.app
            case CommandType.REMOVE_PROFILE:
                body["profile_id"] = command.profile_id
            case CommandType.INSTALL_PROFILE:
                profile = self.profiles[command.profile_id]
                self._handed_out[command.id] = self._installation(profile)
                body |= {"profile_id": profile.id, "profile": profile.delivery(self.rule_set_of(profile))}
        return body

    def acknowledge(self, device: ManagedDevice, command_id: str) -> CommandType:
        """The device has done a command, and the record follows; what the command was.

        The Tunnel client has one configuration: a profile takes the place of another one. Raises NotAllowedError for a
        command that is not in the device's queue.
        """
        done = next((command for command in device.commands if command.id == command_id), None)
        if done is None:
            raise NotAllowedError("this command is not in the device's queue")
        device.commands.remove(done)
        installed = self._handed_out.pop(done.id, None)
        match done.type:
            case CommandType.INSTALL_APP:
                device.apps |= {done.app}
            case CommandType.INSTALL_PROFILE:
                installed = installed or self._installation(self.profiles[done.profile_id])
                device.installed = {installed.profile_id: installed}
            case CommandType.REMOVE_PROFILE:
                device.installed.pop(done.profile_id, None)
                if not device.installed:
                    device.certificate = None
        return done.type

    def _installation(self, profile: TunnelProfile) -> Installation:
        rules = self.rule_set_of(profile)
        return Installation(profile.id, profile.version, rules.name, rules.version, self._now())
