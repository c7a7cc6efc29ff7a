"""The device of API version 2, alone and by its uuid: a summary (OpenAPI document, MDM v2)."""

from __future__ import annotations

from typing import Any

from lab.uem.inventory import ComplianceStatus, ManagedDevice, time_text
from lab.uem.records.words import ENROLLMENT, PLATFORM_NAMES, PLATFORMS


def summary(device: ManagedDevice) -> dict[str, Any]:
    """Enrolment in one word, compliance as a yes or no."""
    return {
        "udid": device.udid,
        "serialNumber": device.serial_number,
        "friendlyName": device.friendly_name,
        "platformInfo": {
            "deviceType": PLATFORMS[device.platform],
            "platformName": PLATFORM_NAMES[device.platform],
            "modelName": device.model,
            "osVersion": device.operating_system,
        },
        "enrollmentInfo": {
            "enrollmentStatus": ENROLLMENT[device.enrollment],
            "compliant": device.compliance is ComplianceStatus.COMPLIANT,
            "ownership": device.ownership,
            "userName": device.user_name,
            "userEmailAddress": device.user_email,
            "lastSeenTimestamp": time_text(device.last_seen),
            "managedBy": "MDM",
        },
        "uuid": device.uuid,
    }
