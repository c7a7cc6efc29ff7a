"""The tenant's records: what it knows of each device, and how its REST API (version 1) writes that down.

Field names, their order and the words for states: Workspace ONE UEM OpenAPI document (MDM v1, 2025.11) and
recorded answers.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from cryptography import x509

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


@dataclass(frozen=True, slots=True)
class Command:
    """One entry of a device's command queue."""

    id: str
    type: CommandType
    profile_id: int


@dataclass(frozen=True, slots=True)
class Sample:
    """What a device reports of itself when it checks in: the facts that compliance policies judge."""

    passcode_present: bool = True
    compromised: bool = False


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
    actions_taken: list[str] = field(default_factory=list)
    installed: set[int] = field(default_factory=set)
    withheld: set[int] = field(default_factory=set)
    """Profiles that a compliance action took away; they come back when the device is compliant again."""
    commands: list[Command] = field(default_factory=list)
    blocked_for: str | None = None
    """Why an administrator blocks the device in the tunnel service; None where none does."""
    group: str = ""
    """Its organisation group; empty for the tenant's own."""
    ownership: str = "C"
    certificate: x509.Certificate | None = None
    """The client certificate of the installed VPN profile."""

    @property
    def uuid(self) -> str:
        """The tenant's own id of the device, beside the number; derived, so that it is stable."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:uem:device:{self.udid}"))

    @property
    def managed(self) -> bool:
        """Whether the tenant manages the device now."""
        return self.enrollment is EnrollmentStatus.ENROLLED


def time_text(moment: datetime | None) -> str:
    """A time as the API writes it: milliseconds, no zone; NEVER for none."""
    if moment is None:
        return NEVER
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}"


def record(device: ManagedDevice, group: str) -> dict[str, Any]:
    """The device as version 1 of the API shows it, in search results and alone."""
    group = device.group or group
    return {
        "Udid": device.udid,
        "SerialNumber": device.serial_number,
        "MacAddress": "",
        "Imei": "",
        "AssetNumber": device.udid,
        "DeviceFriendlyName": device.friendly_name,
        "DeviceReportedName": device.friendly_name,
        "LocationGroupId": {
            "Id": {"Value": 570},
            "Name": group,
            "Uuid": str(uuid.uuid5(uuid.NAMESPACE_DNS, group)),
        },
        "LocationGroupName": group,
        "UserId": {"Id": {"Value": 1}, "Name": device.user_name},
        "UserName": device.user_name,
        "UserEmailAddress": device.user_email,
        "EnrollmentUserUuid": str(uuid.uuid5(uuid.NAMESPACE_URL, device.user_email)),
        "Ownership": device.ownership,
        "PlatformId": {"Id": {"Value": PLATFORM_IDS[device.platform]}, "Name": device.platform.value},
        "Platform": device.platform.value,
        "Model": device.model,
        "OperatingSystem": device.operating_system,
        "LastSeen": time_text(device.last_seen),
        "EnrollmentStatus": device.enrollment.value,
        "ComplianceStatus": device.compliance.value,
        **_compromised(device),
        "LastEnrolledOn": time_text(device.enrolled_at),
        "LastComplianceCheckOn": time_text(device.last_compliance_check),
        "LastCompromisedCheckOn": time_text(device.last_seen if device.sample else None),
        "IsSupervised": False,
        "ManagedBy": 1,
        "OSBuildVersion": "",
        "Id": {"Value": device.id},
        "Uuid": device.uuid,
    }


def _compromised(device: ManagedDevice) -> dict[str, bool]:
    """Absent until the device has reported: the API then leaves the field out."""
    return {} if device.sample is None else {"CompromisedStatus": device.sample.compromised}
