"""Devices with Okta Verify, and their lifecycle (Okta API, Device; recorded traffic).

A suspended device keeps everything and can come back; a deactivated one has lost its users, and with them its
factors. Only an active device can be suspended, only a suspended one unsuspended, only a deactivated one deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from lab.okta.errors import OktaError, not_found
from lab.okta.identifiers import new_id, whole_seconds
from lab.okta.policy.context import DeviceFacts

ACTIVE, SUSPENDED, DEACTIVATED = "ACTIVE", "SUSPENDED", "DEACTIVATED"
_FROM: Final[Mapping[str, tuple[str, ...]]] = {
    "activate": (DEACTIVATED, ACTIVE),  # on an active device recorded as 204
    "deactivate": (ACTIVE, SUSPENDED),
    "suspend": (ACTIVE,),
    "unsuspend": (SUSPENDED,),
}
_TO: Final = {"activate": ACTIVE, "deactivate": DEACTIVATED, "suspend": SUSPENDED, "unsuspend": ACTIVE}
_LINKS: Final[Mapping[str, tuple[str, ...]]] = {
    ACTIVE: ("suspend", "self", "users", "deactivate"),
    SUSPENDED: ("unsuspend", "self", "users", "deactivate"),
    DEACTIVATED: ("activate", "self"),
}


@dataclass(frozen=True, slots=True)
class DeviceUser:
    """Somebody who is enrolled in Okta Verify on a device; `management` is MANAGED or NOT_MANAGED."""

    user_id: str
    management: str
    created: datetime
    screen_lock: str = "BIOMETRIC"


@dataclass(slots=True)
class Device:
    """A device. `profile` is what Okta Verify reported: without pushed keys neither UDID nor serial number."""

    id: str
    profile: dict[str, Any]
    created: datetime
    last_updated: datetime
    status: str = ACTIVE
    users: list[DeviceUser] = field(default_factory=list)
    assurances: frozenset[str] = frozenset()

    @property
    def facts(self) -> DeviceFacts:
        """What conditions of policies are judged by."""
        managed = any(user.management == "MANAGED" for user in self.users)
        return DeviceFacts(registered=self.status == ACTIVE, managed=managed, assurances=self.assurances)

    def to_json(self, org_url: str) -> dict[str, Any]:
        name = self.profile.get("displayName")
        return {
            "id": self.id,
            "status": self.status,
            "created": whole_seconds(self.created),
            "lastUpdated": whole_seconds(self.last_updated),
            "profile": self.profile,
            "resourceType": "UDDevice",
            "resourceDisplayName": {"value": name, "sensitive": False},
            "resourceId": self.id,
            "resourceAlternateId": None,
            "_links": self._links(f"{org_url}/api/v1/devices/{self.id}"),
        }

    def _links(self, url: str) -> dict[str, Any]:
        allow = ["GET", "DELETE"] if self.status == DEACTIVATED else ["GET", "PATCH", "PUT"]
        known = {
            "self": {"href": url, "hints": {"allow": allow}},
            "users": {"href": f"{url}/users", "hints": {"allow": ["GET"]}},
        }
        return {
            name: known.get(name) or {"href": f"{url}/lifecycle/{name}", "hints": {"allow": ["POST"]}}
            for name in _LINKS[self.status]
        }


class Devices:
    """The devices of an org, oldest first."""

    def __init__(self, clock: Callable[[], datetime], *, idempotent: bool) -> None:
        self._clock = clock
        self._idempotent = idempotent
        self._devices: dict[str, Device] = {}

    def register(self, profile: Mapping[str, Any], user_id: str, *, managed: bool) -> Device:
        """A device on which somebody has just enrolled in Okta Verify."""
        now = self._clock()
        device = Device(new_id("guo"), {**profile, "registered": True}, now, now)
        device.users.append(DeviceUser(user_id, "MANAGED" if managed else "NOT_MANAGED", now))
        self._devices[device.id] = device
        return device

    def all(self) -> list[Device]:
        return list(self._devices.values())

    def get(self, device_id: str) -> Device:
        """Raises OktaError (404)."""
        if device_id not in self._devices:
            raise not_found(device_id, "UDDevice")
        return self._devices[device_id]

    def change(self, device_id: str, verb: str) -> tuple[Device, bool]:
        """Suspend and so on; the device, and whether anything changed. Raises OktaError (403, 404)."""
        device = self.get(device_id)
        if device.status == _TO[verb] and self._idempotent:
            return device, False
        if device.status not in _FROM[verb]:
            raise _illegal_status()
        if verb == "deactivate":
            device.users.clear()
        device.status, device.last_updated = _TO[verb], self._clock()
        return device, True

    def delete(self, device_id: str) -> Device:
        """Raises OktaError (403, 404)."""
        if self.get(device_id).status != DEACTIVATED:
            raise _illegal_status()
        return self._devices.pop(device_id)


def _illegal_status() -> OktaError:
    return OktaError(403, "E0000152", "Illegal device status, cannot perform action.")
