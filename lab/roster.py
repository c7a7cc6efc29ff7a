"""The devices that Anna has wherever nobody has planned others: one of each platform."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from dtr_rules import Platform
from dtr_rules.source import suggestion
from lab.plan import DevicePlan

ROSTER: Final = (
    DevicePlan(name="iphone", platform=Platform.IOS),
    DevicePlan(name="android", platform=Platform.ANDROID),
    DevicePlan(name="laptop", platform=Platform.WINDOWS),
    DevicePlan(name="mac", platform=Platform.MACOS),
)
_RULES: Final = {
    Platform.IOS: "demo-rules.yaml",
    Platform.ANDROID: "demo-rules.yaml",
    Platform.WINDOWS: "full-device-rules.yaml",
    Platform.MACOS: "full-device-rules.yaml",
}


class DeviceUnknownError(LookupError):
    """Nobody has such a device."""


def find_device(name: str) -> DevicePlan:
    """The device of this name. Raises DeviceUnknownError, with those that there are."""
    for device in ROSTER:
        if device.name == name:
            return device
    names = [device.name for device in ROSTER]
    raise DeviceUnknownError(f"no device '{name}'{suggestion(name, names)}; there are {', '.join(names)}")


def usual_rules(platform: Platform) -> Traversable:
    """The rule file of a device that has no other: Per Application on phones, Full Device on computers."""
    return resources.files("lab") / _RULES[platform]
