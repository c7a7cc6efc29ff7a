"""What the UEM says of one device, in the gateway's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dtr_rules import Platform


class Compliance(StrEnum):
    """The UEM's compliance state as far as admission tells states apart. Only COMPLIANT ever admits."""

    COMPLIANT = "compliant"
    NOT_COMPLIANT = "not-compliant"
    PENDING = "pending"
    DOUBTFUL = "doubtful"
    """Not available, not applicable, quarantined, a word this version does not know, or no word at all."""


@dataclass(frozen=True, slots=True)
class DevicePosture:
    """One device. `udid` is in lower case; `compromised` is None where the UEM does not say."""

    udid: str
    platform: Platform | None
    enrolled: bool
    compliance: Compliance
    compliance_word: str
    compromised: bool | None


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
    """What was known of a device when it was asked for. `posture` is None for a device that the UEM does not know."""

    posture: DevicePosture | None
    revision: int
    age: float
