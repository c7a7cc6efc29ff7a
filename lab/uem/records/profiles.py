"""Profiles as the REST API lists them: those of a device (MDM v1), and those of the tenant (MDM v3)."""

from __future__ import annotations

from typing import Any, Final

from lab.uem.delivery import Delivery
from lab.uem.inventory import CommandType, ManagedDevice
from lab.uem.profile import Assignment, TunnelProfile
from lab.uem.records.version_1 import group_uuid
from lab.uem.records.words import PLATFORMS

PAGE_SIZE: Final = 500
_ASSIGNMENTS: Final = {Assignment.AUTO: 1, Assignment.COMPLIANCE: 4}
"""The places of the words in the document's list; which number stands for which is inferred."""


def device_profiles(device: ManagedDevice, delivery: Delivery, group: str) -> dict[str, Any]:
    """GET /mdm/devices/{id}/profiles (DeviceProfileSearchResult): what is or was meant for the device."""
    meant = [
        _device_profile(device, profile, device.group or group)
        for profile in delivery.profiles.values()
        if profile.platform is device.platform and _concerns(device, profile)
    ]
    owner = {"Id": {"Value": device.id}, "Name": device.friendly_name, "Uuid": device.uuid}
    return {"DeviceId": owner, "DeviceProfiles": meant, "Page": 0, "PageSize": PAGE_SIZE, "Total": len(meant)}


def listed(profile: TunnelProfile, group: str) -> dict[str, Any]:
    """An entry of POST /mdm/profiles/search (ProfileSearchResultV3Model)."""
    return {
        "uuid": profile.uuid,
        "name": profile.name,
        "platform": PLATFORMS[profile.platform],
        "status": "Active",
        "assignment_type": profile.assignment.value,
        "managed_by": group,
        "organization_group_uuid": group_uuid(group),
        "assigned_smart_groups": [],
        "excluded_smart_groups": [],
        "configured_payload": [{"name": "VPN", "display_key": "vpn"}],
        "configuration_type": "DEVICE",
        "context": "DEVICE",
        "created_by_resource_profile": False,
    }


def _concerns(device: ManagedDevice, profile: TunnelProfile) -> bool:
    queued = any(command.profile_id == profile.id for command in device.commands)
    return profile.assignment is Assignment.AUTO or profile.id in device.installed or queued


def _device_profile(device: ManagedDevice, profile: TunnelProfile, group: str) -> dict[str, Any]:
    installed = device.installed.get(profile.id)
    return {
        "Name": profile.name,
        "Description": "",
        "Status": _status(device, profile),
        "AssignmentType": _ASSIGNMENTS[profile.assignment],
        "CurrentVersion": profile.version,
        "InstalledProfileVersion": 0 if installed is None else installed.version,
        "LocationGroupId": {"Id": {"Value": 570}, "Name": group, "Uuid": group_uuid(group)},
        "Id": {"Value": profile.id},
        "Uuid": profile.uuid,
    }


def _status(device: ManagedDevice, profile: TunnelProfile) -> str:
    """A profile whose rules were saved and not published counts as installed: its version has not changed."""
    if device.awaits_profile(profile.id, CommandType.INSTALL_PROFILE):
        return "PendingInstall"
    if device.awaits_profile(profile.id, CommandType.REMOVE_PROFILE):
        return "PendingRemoval"
    installed = device.installed.get(profile.id)
    if installed is None:
        return "ConfirmedRemoval"
    return "ConfirmedInstall" if installed.version == profile.version else "OutOfDate"
