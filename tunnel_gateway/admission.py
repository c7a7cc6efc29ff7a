"""From a device's posture to admission, or the reason against it.

Only an explicit good word admits: enrolled, compliant, and on platforms that report it, not compromised. A missing
word is never read as a good one.
"""

from __future__ import annotations

from typing import Final

from dtr_rules import Platform
from tunnel_gateway.posture.model import Compliance, DevicePosture
from tunnel_gateway.reasons import Reason, RefusalError

MUST_REPORT_COMPROMISED: Final = frozenset({Platform.IOS, Platform.ANDROID})
"""Platforms whose clients detect a jailbreak or root: there, no word about it is no good word."""


def admit(posture: DevicePosture | None) -> Platform:
    """The device's platform, where it is admitted. Raises RefusalError with an admission reason."""
    if posture is None:
        raise RefusalError(Reason.DEVICE_UNKNOWN)
    if not posture.enrolled:
        raise RefusalError(Reason.DEVICE_NOT_ENROLLED)
    if posture.compromised:
        raise RefusalError(Reason.DEVICE_COMPROMISED)
    if posture.compliance is Compliance.PENDING:
        raise RefusalError(Reason.DEVICE_COMPLIANCE_PENDING)
    if posture.compliance is Compliance.NOT_COMPLIANT:
        raise RefusalError(Reason.DEVICE_NOT_COMPLIANT, "the UEM says that this device is not compliant")
    if posture.compliance is not Compliance.COMPLIANT:
        word = posture.compliance_word or "nothing"
        raise RefusalError(Reason.DEVICE_NOT_COMPLIANT, f"the UEM does not say compliant but {word}")
    if posture.platform is None:
        raise RefusalError(Reason.POSTURE_UNAVAILABLE, "the UEM names no platform that rules know")
    if posture.compromised is None and posture.platform in MUST_REPORT_COMPROMISED:
        raise RefusalError(Reason.POSTURE_UNAVAILABLE, "the UEM does not say whether this device is compromised")
    return posture.platform
