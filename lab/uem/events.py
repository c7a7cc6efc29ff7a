"""What the tenant tells of a device: the kinds of events, and the body of each notification.

Field names, the words of EventType and the flat body are recorded ones: only what is so now, no previous value and no
policy's name. The tick boxes are those of the notification's settings (OpenAPI document, System).
"""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from lab.uem.inventory import ManagedDevice

_OWNERSHIP: Final = {"C": "CorporateDedicated", "S": "CorporateShared", "E": "EmployeeOwned"}
COMPLIANCE_EVENT_ID: Final = 178  # the one number that was recorded


class EventType(StrEnum):
    """What happened, in the product's words."""

    COMPLIANCE = "Compliance Status Changed"
    COMPROMISED = "Compromised Status Changed"
    UNENROLLED = "Break MDM Confirmed"
    ENROLLED = "MDM Enrollment Complete"
    OPERATING_SYSTEM = "Device Operating System Changed"
    GROUP = "Device Organization Group Changed"


class Box(StrEnum):
    """A tick box: which events a receiver wants. Those of device attributes stand in a group of their own."""

    COMPLIANCE = "ComplianceStatusChange"
    COMPROMISED = "CompromisedStatusChange"
    DELETE = "Delete"
    ENROLLMENT = "Enrollment"
    UNENROLLED = "UnenrolledEnterpriseWipe"
    WIPE = "Wipe"
    OPERATING_SYSTEM = "OperatingSystem"
    GROUP = "OrganizationGroup"


ATTRIBUTES: Final = frozenset({Box.OPERATING_SYSTEM, Box.GROUP})
BOX_OF: Final = {
    EventType.COMPLIANCE: Box.COMPLIANCE,
    EventType.COMPROMISED: Box.COMPROMISED,
    EventType.UNENROLLED: Box.UNENROLLED,
    EventType.ENROLLED: Box.ENROLLMENT,
    EventType.OPERATING_SYSTEM: Box.OPERATING_SYSTEM,
    EventType.GROUP: Box.GROUP,
}


def notification(
    device: ManagedDevice, event_type: str, moment: datetime, *, group: str = "", decimals: int = 7
) -> dict[str, Any]:
    """The body of a notification about `device` as it is now. `group` is the tenant's own, for devices without one."""
    compromised = device.sample is not None and device.sample.compromised
    return {
        "EventId": COMPLIANCE_EVENT_ID if event_type == EventType.COMPLIANCE else 0,
        "EventType": event_type,
        "DeviceId": device.id,
        "DeviceFriendlyName": device.friendly_name,
        "EnrollmentEmailAddress": device.user_email,
        "EnrollmentUserName": device.user_name,
        "EventTime": _time(moment, decimals),
        "EnrollmentStatus": device.enrollment.value,
        "CompromisedStatus": "Compromised" if compromised else "",
        "CompromisedTimeStamp": _time(device.last_seen or moment, decimals),
        "ComplianceStatus": device.compliance.value,
        "PhoneNumber": "",
        "Udid": device.udid,
        "SerialNumber": device.serial_number,
        "MACAddress": "000000000000",
        "DeviceIMEI": "",
        "EnrollmentUserId": 1,
        "AssetNumber": device.udid,
        "Platform": device.platform.value,
        "OperatingSystem": device.operating_system,
        "Ownership": _OWNERSHIP.get(device.ownership, "Undefined"),
        "SIMMCC": "",
        "CurrentMCC": "",
        "OrganizationGroupName": device.group or group,
        "DeviceUUID": device.uuid,
        "EnrollmentUserUUID": str(uuid.uuid5(uuid.NAMESPACE_URL, device.user_email)),
    }


def _time(moment: datetime, decimals: int) -> str:
    fraction = f"{moment.microsecond:06d}".ljust(decimals, "0")[:decimals]
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{fraction}Z"
