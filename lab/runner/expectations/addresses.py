"""Whose an address is, in the words of a scenario."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from lab.runner.expectations.finding import Finding, every
from lab.runner.stage import Evidence


class Whose(StrEnum):
    """Where a provider saw a login come from."""

    EGRESS = "egress"
    DEVICE = "device"
    OFFICE = "office"


def seen_from(key: str, expected: str, addresses: Collection[str], evidence: Evidence) -> Finding:
    """All of the addresses are those of `expected`: of whom `Whose` names, or one address."""
    known = evidence.operations.world.network.addresses
    if expected == Whose.EGRESS:
        return every(key, expected, addresses, lambda address: address in known.leaving)
    if expected == Whose.OFFICE:
        return every(key, expected, addresses, known.is_in_office)
    if expected != Whose.DEVICE:
        return every(key, expected, addresses, lambda address: address == expected)
    devices = {device.address for device in evidence.operations.world.devices.values()}
    login = evidence.login
    own = {evidence.operations.world.devices[login.device].address} if login is not None else devices
    return every(key, expected, addresses, lambda address: address in own)
