"""What the tenant knows of each device. The words for states are those of the API's version 1."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes

if TYPE_CHECKING:
    from lab.uem.compliance.violation import Taken, Violation

NEVER: Final = "0001-01-01T00:00:00.000"
"""How the API writes a time that has not come."""


class DevicePlatform(StrEnum):
    """The API's name of a platform."""

    APPLE = "Apple"
    ANDROID = "Android"
    MACOS = "AppleOsX"
    WINDOWS = "WinRT"


PLATFORM_IDS: Final = {
    DevicePlatform.APPLE: 2,
    DevicePlatform.ANDROID: 5,
    DevicePlatform.MACOS: 10,
    DevicePlatform.WINDOWS: 12,
}


class EnrollmentStatus(StrEnum):
    """How far a device is managed."""

    ENROLLED = "Enrolled"
    UNENROLLED = "Unenrolled"
    ENTERPRISE_WIPE_PENDING = "EnterpriseWipePending"
    DEVICE_WIPE_PENDING = "DeviceWipePending"


class ComplianceStatus(StrEnum):
    """What the compliance engine says of a device."""

    COMPLIANT = "Compliant"
    NON_COMPLIANT = "NonCompliant"
    NOT_AVAILABLE = "NotAvailable"
    PENDING = "PendingComplianceCheck"
    UNKNOWN = "Unknown"
    QUARANTINED = "Quarantined"


class CommandType(StrEnum):
    """What a device finds in its command queue when it checks in."""

    INSTALL_PROFILE = "InstallProfile"
    REMOVE_PROFILE = "RemoveProfile"
    INSTALL_APP = "InstallApplication"
    ENTERPRISE_WIPE = "EnterpriseWipe"
    DEVICE_WIPE = "DeviceWipe"


@dataclass(frozen=True, slots=True)
class Command:
    """One entry of a device's command queue: about a profile, about an app, or about all of the device."""

    id: str
    type: CommandType
    profile_id: int = 0
    app: str = ""
    """The app's identifier on the device's platform."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What a device reports of itself when it checks in: the facts that compliance policies judge."""

    passcode_present: bool = True
    compromised: bool = False
    encrypted: bool = True
    os_version: str = ""
    """Empty where the device says nothing of it."""
    apps: frozenset[str] | None = None
    """The identifiers of all apps on the device; None where the device says nothing of them."""


@dataclass(frozen=True, slots=True)
class Installation:
    """A profile as it is on a device: the rules are those that the set had when the device fetched them."""

    profile_id: int
    version: int
    rule_set: str
    rule_set_version: int
    since: datetime


@dataclass(slots=True)
class ManagedDevice:
    """One device of the inventory. Mutable: the tenant is the only writer."""

    id: int
    udid: str
    platform: DevicePlatform
    friendly_name: str
    user_name: str
    user_email: str
    channel_token: str = field(repr=False)
    enrolled_at: datetime
    serial_number: str = ""
    model: str = ""
    operating_system: str = ""
    enrollment: EnrollmentStatus = EnrollmentStatus.ENROLLED
    compliance: ComplianceStatus = ComplianceStatus.NOT_AVAILABLE
    sample: Sample | None = None
    last_seen: datetime | None = None
    last_compliance_check: datetime | None = None
    violations: dict[str, Violation] = field(default_factory=dict)
    """By the name of the policy."""
    installed: dict[int, Installation] = field(default_factory=dict)
    """By the profile's number."""
    apps: frozenset[str] = frozenset()
    """The identifiers of the apps that the device has, as far as the tenant knows."""
    commands: list[Command] = field(default_factory=list)
    blocked_for: str | None = None
    """Why an administrator blocks the device in the tunnel service; None where none does."""
    group: str = ""
    """Its organisation group; empty for the tenant's own."""
    ownership: str = "C"
    certificate: x509.Certificate | None = None
    """The client certificate of the installed VPN profile."""
    thumbprints: list[str] = field(default_factory=list)
    """Of every client certificate that the device ever got, the newest last."""

    @property
    def uuid(self) -> str:
        """The tenant's own id of the device, beside the number; derived, so that it is stable."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:uem:device:{self.udid}"))

    @property
    def managed(self) -> bool:
        """Whether the tenant manages the device now."""
        return self.enrollment is EnrollmentStatus.ENROLLED

    @property
    def taken(self) -> Iterator[Taken]:
        """What compliance policies have done to the device and not taken back."""
        return (taken for violation in self.violations.values() for taken in violation.taken)

    @property
    def actions_taken(self) -> list[str]:
        """The same, in the words of the API's ActionType."""
        return [taken.word for taken in self.taken]

    def awaits_app(self, identifier: str) -> bool:
        """Whether this app is on its way to the device."""
        return any(command.app == identifier for command in self.commands)

    def awaits_profile(self, profile_id: int, kind: CommandType) -> bool:
        """Whether the installation, or the removal, of this profile is in the device's queue."""
        return any(command.profile_id == profile_id and command.type is kind for command in self.commands)

    def snapshot(self) -> ManagedDevice:
        """The device as it is now, for good."""
        return replace(
            self,
            violations={name: each.snapshot() for name, each in self.violations.items()},
            installed=dict(self.installed),
            commands=list(self.commands),
            thumbprints=list(self.thumbprints),
        )


def thumbprint(certificate: x509.Certificate) -> str:
    """How the tunnel service tells certificates apart: SHA-1, in upper-case hex."""
    return certificate.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303


def time_text(moment: datetime | None) -> str:
    """A time as the API writes it: milliseconds, no zone; NEVER for none."""
    if moment is None:
        return NEVER
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}"
