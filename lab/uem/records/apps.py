"""What GET /mdm/devices/{id}/apps answers (OpenAPI document, MDM v1: DeviceAppsResult)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, Final

from lab.uem.apps import ManagedApp
from lab.uem.inventory import ManagedDevice

PAGE_SIZE: Final = 500
INSTALLED: Final = "installed"
PENDING: Final = "pendinginstall"
REMOVED: Final = "removed"


def apps(device: ManagedDevice, managed: Iterable[ManagedApp]) -> dict[str, Any]:
    """Every app that the device has, and every managed one that it should have."""
    ours = {name: app for app in managed if (name := app.identifiers.get(device.platform)) is not None}
    identifiers = [*ours, *sorted(device.apps - set(ours))]
    listed = [_app(device, identifier, ours.get(identifier), at) for at, identifier in enumerate(identifiers, 1)]
    return {"DeviceApps": listed, "Page": 0, "PageSize": PAGE_SIZE, "Total": len(listed)}


def _app(device: ManagedDevice, identifier: str, managed: ManagedApp | None, number: int) -> dict[str, Any]:
    return {
        "ApplicationName": identifier if managed is None else managed.name,
        "ApplicationIdentifier": identifier,
        "Version": "" if managed is None else managed.version,
        "Status": _status(device, identifier),
        "Type": "Public" if managed is None else managed.type,
        "IsManaged": managed is not None,
        "DeviceId": {"Id": {"Value": device.id}, "Name": device.friendly_name, "Uuid": device.uuid},
        "Id": {"Value": number},
        "Uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:uem:app:{identifier}")),
    }


def _status(device: ManagedDevice, identifier: str) -> str:
    if device.awaits_app(identifier):
        return PENDING
    return INSTALLED if identifier in device.apps else REMOVED
