"""The device of API version 1: search results and single look-ups (OpenAPI document, MDM v1; recorded answers).

Version 2 of the search answers with the same records.
"""

from __future__ import annotations

import uuid
from typing import Any

from lab.uem.inventory import PLATFORM_IDS, ManagedDevice, time_text


def group_uuid(group: str) -> str:
    """The id of an organisation group."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, group))


def user_uuid(email: str) -> str:
    """The id of an enrolment user."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, email))


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
            "Uuid": group_uuid(group),
        },
        "LocationGroupName": group,
        "UserId": {"Id": {"Value": 1}, "Name": device.user_name},
        "UserName": device.user_name,
        "UserEmailAddress": device.user_email,
        "EnrollmentUserUuid": user_uuid(device.user_email),
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
