"""What a compliance policy asks of a device. A rule says None where it cannot tell, which breaks nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from lab.uem.apps import ManagedApp
from lab.uem.inventory import ManagedDevice


class Rule(Protocol):
    """One thing that is asked of a device."""

    @property
    def detail(self) -> str:
        """The rule in words."""

    def kept(self, device: ManagedDevice, now: datetime) -> bool | None:
        """Whether the device keeps it, by what it reported last."""


@dataclass(frozen=True, slots=True)
class PasscodePresent:
    """A passcode is set."""

    detail: str = "A passcode is present on the device"

    def kept(self, device: ManagedDevice, now: datetime) -> bool | None:
        del now
        return None if device.sample is None else device.sample.passcode_present


@dataclass(frozen=True, slots=True)
class Encrypted:
    """The device's storage is encrypted."""

    detail: str = "The device is encrypted"

    def kept(self, device: ManagedDevice, now: datetime) -> bool | None:
        del now
        return None if device.sample is None else device.sample.encrypted


@dataclass(frozen=True, slots=True)
class NotCompromised:
    """The device is neither jailbroken nor rooted."""

    detail: str = "The device is not compromised"

    def kept(self, device: ManagedDevice, now: datetime) -> bool | None:
        del now
        return None if device.sample is None else not device.sample.compromised


@dataclass(frozen=True, slots=True)
class OsAtLeast:
    """The operating system is of `version` or later. Versions compare number by number; a missing one is 0."""

    version: str

    @property
    def detail(self) -> str:
        return f"The operating system's version is {self.version} or later"

    def kept(self, device: ManagedDevice, now: datetime) -> bool | None:
        del now
        found, wanted = _numbers(device.operating_system), _numbers(self.version)
        if not found:
            return None
        length = max(len(found), len(wanted))
        return found + [0] * (length - len(found)) >= wanted + [0] * (length - len(wanted))


@dataclass(frozen=True, slots=True)
class AppPresent:
    """A managed app is on the device. While it is on its way, nobody can tell."""

    app: ManagedApp

    @property
    def detail(self) -> str:
        return f"The app {self.app.name} is installed"

    def kept(self, device: ManagedDevice, now: datetime) -> bool | None:
        del now
        identifier = self.app.identifiers.get(device.platform)
        if identifier is None or device.awaits_app(identifier):
            return None
        return identifier in device.apps


@dataclass(frozen=True, slots=True)
class SeenWithin:
    """The device has checked in within this time."""

    time: timedelta

    @property
    def detail(self) -> str:
        return f"The device was last seen within {self.time}"

    def kept(self, device: ManagedDevice, now: datetime) -> bool | None:
        return None if device.last_seen is None else now - device.last_seen <= self.time


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]
