"""Okta Verify on a device: enrolled with its user's password, it shows its key wherever its org asks who signs in."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What an enrolment left on the device: the org's host, the device's id there, and the key."""

    host: str
    device_id: str
    key: str = field(repr=False)
