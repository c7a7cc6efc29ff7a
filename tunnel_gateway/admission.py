"""From a device's posture to admission, or the reason against it.

Only an explicit good word admits: enrolled, compliant, and on platforms that report it, not compromised. What the
UEM's other compliance values mean here is the operator's to say, in a table; a missing word is never a good one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from dtr_rules import Platform
from tunnel_gateway.posture.model import Compliance, DevicePosture, Ownership, PostureAnswer
from tunnel_gateway.reasons import Reason, RefusalError


class Treatment(StrEnum):
    """What a compliance value means here."""

    REFUSE = "refuse"
    ADMIT = "admit"
    RESTRICT = "restrict"
    """Admitted under the compliance rule set, whatever else would apply to the device."""


@dataclass(frozen=True, slots=True)
class Admission:
    """An admitted device, as far as rules may know it. `restricted` means: by the compliance rule set alone."""

    udid: str
    platform: Platform
    group: str = ""
    group_uuid: str = ""
    ownership: Ownership = Ownership.UNDEFINED
    restricted: bool = False


MUST_REPORT_COMPROMISED: Final = frozenset({Platform.IOS, Platform.ANDROID})
"""Platforms whose clients detect a jailbreak or root: there, no word about it is no good word, unless told so."""

NEVER_ADMITTED: Final = frozenset({Compliance.NOT_COMPLIANT, Compliance.BLOCKED, Compliance.UNRECOGNISED})
"""Compliance values that no table can make admit."""
_PENDING: Final = frozenset({Compliance.PENDING, Compliance.PENDING_FOR_A_POLICY})


@dataclass(frozen=True, slots=True)
class AdmissionPolicy:
    """What is admitted. A compliance value that `treatments` leaves out is refused, but for COMPLIANT.

    `silent_on_compromise`: platforms that are admitted where the UEM does not say whether a device is compromised.
    """

    treatments: Mapping[Compliance, Treatment] = field(default_factory=lambda: MappingProxyType({}))
    silent_on_compromise: frozenset[Platform] = frozenset(Platform) - MUST_REPORT_COMPROMISED

    def judge(self, answer: PostureAnswer) -> Admission:
        """What the device is admitted as, by all that is known of it: its record, an alarm, the tunnel service's word.

        Raises RefusalError.
        """
        admission = self.admit(answer.posture)
        if answer.alarm is not None:
            admission = replace(admission, restricted=admission.restricted or self.admit(answer.alarm).restricted)
        if answer.blocked:
            raise RefusalError(Reason.DEVICE_BLOCKED_BY_ADMIN, "an administrator has blocked the device in the UEM")
        return admission

    def admit(self, posture: DevicePosture | None) -> Admission:
        """What the device is admitted as. Raises RefusalError with an admission reason."""
        if posture is None:
            raise RefusalError(Reason.DEVICE_UNKNOWN)
        if not posture.enrolled:
            raise RefusalError(Reason.DEVICE_NOT_ENROLLED)
        if posture.compromised:
            raise RefusalError(Reason.DEVICE_COMPROMISED)
        treatment = self._treatment(posture.compliance)
        if treatment is Treatment.REFUSE:
            raise _not_compliant(posture)
        if posture.platform is None:
            raise RefusalError(Reason.POSTURE_UNAVAILABLE, "the UEM names no platform that rules know")
        if posture.compromised is None and posture.platform not in self.silent_on_compromise:
            raise RefusalError(Reason.POSTURE_UNAVAILABLE, "the UEM does not say whether this device is compromised")
        return Admission(
            udid=posture.udid,
            platform=posture.platform,
            group=posture.group,
            group_uuid=posture.group_uuid,
            ownership=posture.ownership,
            restricted=treatment is Treatment.RESTRICT,
        )

    def _treatment(self, compliance: Compliance) -> Treatment:
        if compliance is Compliance.COMPLIANT:
            return Treatment.ADMIT
        if compliance in NEVER_ADMITTED:
            return Treatment.REFUSE
        return self.treatments.get(compliance, Treatment.REFUSE)


def _not_compliant(posture: DevicePosture) -> RefusalError:
    if posture.compliance in _PENDING:
        return RefusalError(Reason.DEVICE_COMPLIANCE_PENDING)
    if posture.compliance is Compliance.NOT_COMPLIANT:
        return RefusalError(Reason.DEVICE_NOT_COMPLIANT, "the UEM says that this device is not compliant")
    word = posture.compliance_word or "nothing"
    return RefusalError(Reason.DEVICE_NOT_COMPLIANT, f"the UEM does not say compliant but {word}")
