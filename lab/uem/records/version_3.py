"""The device of API version 3: one form in search results, another alone (OpenAPI document, MDM v3).

Fields that the lab has nothing to say of are left out.
"""

from __future__ import annotations

from typing import Any

from lab.uem.inventory import ManagedDevice, time_text
from lab.uem.records.version_1 import group_uuid, user_uuid
from lab.uem.records.words import COMPLIANCE, ENROLLMENT, PLATFORM_NAMES, PLATFORMS, ownership


def found(device: ManagedDevice, group: str) -> dict[str, Any]:
    """The device in search results. `group` is the tenant's own, for devices without one."""
    group = device.group or group
    compromised = {} if device.sample is None else {"compromised_status": device.sample.compromised}
    return {
        "udid": device.udid,
        "serial_number": device.serial_number,
        "mac_address": "",
        "imei": "",
        "asset_number": device.udid,
        "device_friendly_name": device.friendly_name,
        "device_reported_name": device.friendly_name,
        "organization_group_name": group,
        "organization_group_uuid": group_uuid(group),
        "enrollment_user_name": device.user_name,
        "enrollment_user_email_address": device.user_email,
        "enrollment_user_uuid": user_uuid(device.user_email),
        "ownership": ownership(device.ownership),
        "device_type": PLATFORMS[device.platform],
        "platform_name": PLATFORM_NAMES[device.platform],
        "model": device.model,
        "operating_system": device.operating_system,
        "last_seen": time_text(device.last_seen),
        "enrollment_status": ENROLLMENT[device.enrollment],
        "compliance_status": COMPLIANCE[device.compliance],
        **compromised,
        "last_enrolled_on": time_text(device.enrolled_at),
        "last_compliance_check_on": time_text(device.last_compliance_check),
        "last_compromised_check_on": time_text(device.last_seen if device.sample else None),
        "is_supervised": False,
        "managed_by": "MDM",
        "os_build_version": "",
        "Id": {"Value": device.id},
        "Uuid": device.uuid,
    }


def alone(device: ManagedDevice, group: str) -> dict[str, Any]:
    """The device by its uuid. `group` is the tenant's own, for devices without one."""
    group = device.group or group
    sample = device.sample
    body = {
        "id": device.id,
        "uuid": device.uuid,
        "udid": device.udid,
        "serial_number": device.serial_number,
        "friendly_name": device.friendly_name,
        "device_reported_name": device.friendly_name,
        "organization_group_name": group,
        "platform_info": {
            "device_type": PLATFORMS[device.platform],
            "platform_name": PLATFORM_NAMES[device.platform],
            "model": device.model,
            "os_version": device.operating_system,
        },
        "enrollment_info": {
            "compliance_status": COMPLIANCE[device.compliance],
            "enrollment_status": ENROLLMENT[device.enrollment],
            "enrollment_timestamp": time_text(device.enrolled_at),
            "enrollment_user_email_address": device.user_email,
            "enrollment_user_name": device.user_name,
            "enrollment_user_uuid": user_uuid(device.user_email),
            "last_checkin_timestamp": time_text(device.last_seen),
            "last_seen_timestamp": time_text(device.last_seen),
            "managed_by": "MDM",
            "organization_group_name": group,
            "organization_group_uuid": group_uuid(group),
            "ownership": ownership(device.ownership),
        },
        "passcode_present": "UNKNOWN" if sample is None else "YES" if sample.passcode_present else "NO",
        "Links": [],
    }
    return body if sample is None else {**body, "data_encrypted": sample.encrypted}
