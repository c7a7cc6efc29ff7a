"""The UEM's record of a device (API version 1) in the gateway's words. What is missing or unknown is no good word."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Final

from dtr_rules import Platform
from tunnel_gateway.posture.errors import UemError
from tunnel_gateway.posture.model import Compliance, DevicePosture, Ownership

_PLATFORMS: Final = {
    "apple": Platform.IOS,
    "android": Platform.ANDROID,
    "appleosx": Platform.MACOS,
    "winrt": Platform.WINDOWS,
}
_COMPLIANCE: Final = {each.replace("-", ""): each for each in Compliance if each is not Compliance.UNRECOGNISED} | {
    "noncompliant": Compliance.NOT_COMPLIANT,  # version 1 of the API spells it so, version 3 says NOT_COMPLIANT
}
_OWNERSHIP: Final = {
    "c": Ownership.CORPORATE_DEDICATED,
    "s": Ownership.CORPORATE_SHARED,
    "e": Ownership.EMPLOYEE,
    "corporatededicated": Ownership.CORPORATE_DEDICATED,
    "corporateshared": Ownership.CORPORATE_SHARED,
    "employeeowned": Ownership.EMPLOYEE,
}


def read_device(device: object) -> DevicePosture | None:
    """A device of API version 1 in the gateway's words; None for a record without a UDID. Raises UemError.

    A field that is missing or has a value that this version does not know never reads as good posture.
    """
    if not isinstance(device, dict):
        raise UemError("a device of the answer is no object")
    udid = device.get("Udid")
    if not isinstance(udid, str) or not udid:
        return None
    word = device.get("ComplianceStatus")
    compromised = device.get("CompromisedStatus")
    group = device.get("LocationGroupId")
    return DevicePosture(
        udid=udid.lower(),
        platform=_PLATFORMS.get(_plain(device.get("Platform"))),
        enrolled=_plain(device.get("EnrollmentStatus")) == "enrolled",
        compliance=compliance_of(word),
        compliance_word=sys.intern(word) if isinstance(word, str) else "",
        compromised=None if compromised in (None, "") else compromised is not False,
        uuid=_text(device.get("Uuid")).lower(),
        group=sys.intern(_text(device.get("LocationGroupName"))),
        group_uuid=sys.intern(_text(group.get("Uuid")).lower()) if isinstance(group, dict) else "",
        ownership=_OWNERSHIP.get(_plain(device.get("Ownership")), Ownership.UNDEFINED),
        spelled=udid,
    )


def one_of(first: DevicePosture, second: DevicePosture) -> DevicePosture:
    """Of two records with one UDID, the enrolled one; two enrolled ones that differ are no good word for either."""
    if first == second or not first.enrolled:
        return second
    if not second.enrolled:
        return first
    return replace(second, compliance=Compliance.UNRECOGNISED, compliance_word="two records that differ")


def compliance_of(word: object) -> Compliance:
    """What a compliance value means that the UEM spells in one of its ways."""
    return _COMPLIANCE.get(_plain(word), Compliance.UNRECOGNISED)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _plain(word: object) -> str:
    """The enumerations are spelled `NonCompliant` in version 1 and `NOT_COMPLIANT` in version 3."""
    return word.replace("_", "").replace(" ", "").lower() if isinstance(word, str) else ""
