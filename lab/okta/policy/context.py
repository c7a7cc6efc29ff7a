"""What is known of an access when policies judge it. What is None is not known, and no condition on it is met."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Platform:
    """`type` is DESKTOP, MOBILE or OTHER; `os` such as IOS, ANDROID, WINDOWS, MACOS, OTHER (Okta API, Platform)."""

    type: str
    os: str


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What Okta Verify tells of a device: enrolled in it, managed, and the device assurances that it meets."""

    registered: bool
    managed: bool
    assurances: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AccessContext:
    """One access, or the part of one that a simulation names."""

    user_id: str | None = None
    group_ids: frozenset[str] | None = None
    zone_ids: frozenset[str] | None = None
    device: DeviceFacts | None = None
    platform: Platform | None = None
    risk: str | None = None
