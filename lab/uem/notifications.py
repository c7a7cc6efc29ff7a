"""Event notifications, as the tenant's console sets them up: a POST of one flat JSON object for each change.

Field names, the words of EventType and the Basic credentials are recorded ones. Whether and how often the product tries
again is not known, so the emulator sends once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import httpx

from lab.uem.inventory import ManagedDevice

_OWNERSHIP: Final = {"C": "CorporateDedicated", "S": "CorporateShared", "E": "EmployeeOwned"}


class EventType(StrEnum):
    """What happened, in the product's words."""

    COMPLIANCE = "Compliance Status Changed"
    COMPROMISED = "Compromised Status Changed"
    UNENROLLED = "Break MDM Confirmed"
    ENROLLED = "MDM Enrollment Complete"


@dataclass(frozen=True, slots=True)
class Target:
    """Where the tenant sends its events, and the credentials that it shows there."""

    url: str
    user: str
    password: str = field(repr=False)


class Notifier:
    """Sends one event after the other, the way the tenant was told to."""

    def __init__(self, target: Target, http: httpx.AsyncClient, now: Callable[[], datetime]) -> None:
        self._target = target
        self._http = http
        self._now = now

    async def test(self) -> int:
        """The console's Test Connection: a GET; its status."""
        return (await self._http.get(self._target.url, auth=self._credentials)).status_code

    async def tell(self, device: ManagedDevice, kind: EventType) -> int:
        """Send an event; the status of the answer. Raises httpx.HTTPError."""
        body = notification(device, kind, self._now())
        return (await self._http.post(self._target.url, json=body, auth=self._credentials)).status_code

    @property
    def _credentials(self) -> tuple[str, str]:
        return self._target.user, self._target.password


def notification(device: ManagedDevice, kind: EventType, moment: datetime) -> dict[str, Any]:
    """The event's body: only what is so now, no previous value and no policy's name."""
    compromised = device.sample is not None and device.sample.compromised
    return {
        "EventId": 178 if kind is EventType.COMPLIANCE else 0,
        "EventType": kind.value,
        "DeviceId": device.id,
        "DeviceFriendlyName": device.friendly_name,
        "EnrollmentEmailAddress": device.user_email,
        "EnrollmentUserName": device.user_name,
        "EventTime": f"{moment:%Y-%m-%dT%H:%M:%S.%f}0Z",
        "EnrollmentStatus": device.enrollment.value,
        "CompromisedStatus": "Compromised" if compromised else "",
        "ComplianceStatus": device.compliance.value,
        "Udid": device.udid,
        "SerialNumber": device.serial_number,
        "MACAddress": "000000000000",
        "Platform": device.platform.value,
        "OperatingSystem": device.operating_system,
        "Ownership": _OWNERSHIP.get(device.ownership, "Undefined"),
        "OrganizationGroupName": device.group,
        "DeviceUUID": device.uuid,
    }
