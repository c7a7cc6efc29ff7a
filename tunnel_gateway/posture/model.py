"""What the UEM says of one device, in the gateway's words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dtr_rules import Platform


class Compliance(StrEnum):
    """The twelve values of the UEM's `compliance_status`, and one for whatever is none of them."""

    UNKNOWN = "unknown"
    ALLOWED = "allowed"
    BLOCKED = "blocked"
    COMPLIANT = "compliant"
    NOT_COMPLIANT = "not-compliant"
    NOT_AVAILABLE = "not-available"
    NOT_APPLICABLE = "not-applicable"
    PENDING = "pending-compliance-check"
    PENDING_FOR_A_POLICY = "pending-compliance-check-for-a-policy"
    REGISTRATION_ACTIVE = "registration-active"
    REGISTRATION_EXPIRED = "registration-expired"
    QUARANTINED = "quarantined"
    UNRECOGNISED = "unrecognised"
    """No word, a word that this version does not know, or two that differ. Nothing can make it admit."""


class Ownership(StrEnum):
    """Whose device it is, as the UEM has it: C, S, E, or Undefined."""

    CORPORATE_DEDICATED = "corporate-dedicated"
    CORPORATE_SHARED = "corporate-shared"
    EMPLOYEE = "employee"
    UNDEFINED = "undefined"


@dataclass(frozen=True, slots=True)
class DevicePosture:
    """One device. `udid` and `uuid` are in lower case, `spelled` is the UDID as the UEM spells it;
    `compromised` is None where nobody said.

    `uuid` is the UEM's own id of the device, empty where it sent none; `group` is the name of its organisation group.
    """

    udid: str
    platform: Platform | None
    enrolled: bool
    compliance: Compliance
    compliance_word: str
    compromised: bool | None
    uuid: str = ""
    group: str = ""
    group_uuid: str = ""
    ownership: Ownership = Ownership.UNDEFINED
    spelled: str = ""


@dataclass(frozen=True, slots=True)
class PostureAnswer:
    """What is known of a device. `posture` is None for a device that the UEM does not know.

    `alarm` is the device as an event had it that the UEM has not yet confirmed; `blocked` is the word of the UEM's
    tunnel service. `age` is in seconds, since the UEM was asked.
    """

    posture: DevicePosture | None
    revision: int
    age: float
    alarm: DevicePosture | None = None
    blocked: bool = False
