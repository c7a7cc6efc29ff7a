"""What the UEM says of one device, in the gateway's words."""

from __future__ import annotations

from collections.abc import Mapping
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
    """No word, a word that this version does not know, or two records that differ. Nothing can make it admit."""


class Ownership(StrEnum):
    """Whose device it is, as the UEM has it: C, S, E, or Undefined."""

    CORPORATE_DEDICATED = "corporate-dedicated"
    CORPORATE_SHARED = "corporate-shared"
    EMPLOYEE = "employee"
    UNDEFINED = "undefined"


@dataclass(frozen=True, slots=True)
class DevicePosture:
    """One device. `udid` and `uuid` are in lower case; `compromised` is None where nobody said.

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


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every device of one full synchronisation.

    `started` is when the synchronisation began: seconds of the monotonic clock for ages, and the same moment as UTC
    text for people. The age of what it says is counted from there.
    """

    revision: int
    devices: Mapping[str, DevicePosture]
    started: float
    started_at: str
    finished_at: str


@dataclass(frozen=True, slots=True)
class PostureAnswer:
    """What was known of a device when it was asked for. `posture` is None for a device that the UEM does not know.

    `age` is in seconds, since the UEM was asked.
    """

    posture: DevicePosture | None
    revision: int
    age: float
