"""What a world is to have: devices, rules, and how the real programs and the emulated services are set."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from dtr_rules import Platform
from lab import entra, okta, uem
from lab.network import LOOPBACK, Addresses
from lab.uem.compliance.policy import Step, passcode_policy

ANNA: Final = "anna"
BEN: Final = "ben"
PEOPLE: Final = (ANNA, BEN)
LAB_STEPS: Final = passcode_policy().steps
FIRST_NUMBER: Final = 11
"""The first device's: the last part of its address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePlan:
    """A device that somebody has. `udid` and `address` are derived from the name and the place in the plan if empty."""

    name: str
    platform: Platform = Platform.IOS
    user: str = ANNA
    udid: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldPlan:
    """A world. `rules` is the text of a rule file, for devices and gateway alike.

    `gateway` and `zones` are laid over the lab's own configuration of the two programs, mapping by mapping.
    `compliance` are the steps that follow where a device has no passcode; `restricted_rules` are the rules of the
    compliance profiles, which exist where there are some. `tunnel_app_after` is how long after a check-in without it
    the Tunnel app is pushed again; None for never. `egress_admitted` is whether zone and location hold the gateway's
    addresses from the start; where not, they hold what they held before there was a gateway.
    """

    rules: str = field(repr=False)
    devices: tuple[DevicePlan, ...] = ()
    gateway: Mapping[str, Any] = field(default_factory=dict)
    zones: Mapping[str, Any] = field(default_factory=dict)
    okta: okta.Knobs = field(default_factory=okta.Knobs)
    entra: entra.Knobs = field(default_factory=entra.Knobs)
    uem: uem.Knobs = field(default_factory=uem.Knobs)
    compliance: tuple[Step, ...] = LAB_STEPS
    restricted_rules: str = field(default="", repr=False)
    tunnel_app_after: timedelta | None = None
    egress_admitted: bool = False

    def placed(self, addresses: Addresses = LOOPBACK) -> tuple[DevicePlan, ...]:
        """The devices with a UDID and an address each."""
        return tuple(
            _placed(device, addresses.at_home(FIRST_NUMBER + number)) for number, device in enumerate(self.devices)
        )


def _placed(device: DevicePlan, address: str) -> DevicePlan:
    return DevicePlan(
        name=device.name,
        platform=device.platform,
        user=device.user,
        udid=device.udid or _udid(device.name),
        address=device.address or address,
    )


def _udid(name: str) -> str:
    """In the form of an Apple device's, and the same in every run."""
    digits = uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.device.acme.example").hex.upper()
    return f"{digits[:8]}-{digits[8:24]}"
