"""The words that versions 2 and 3 of the API use for states (OpenAPI documents, MDM v2 and v3)."""

from __future__ import annotations

from typing import Final

from lab.uem.inventory import ComplianceStatus, DevicePlatform, EnrollmentStatus

PLATFORMS: Final = {
    DevicePlatform.APPLE: "APPLE",
    DevicePlatform.ANDROID: "ANDROID",
    DevicePlatform.MACOS: "APPLE_OS_X",
    DevicePlatform.WINDOWS: "WIN_RT",
}
PLATFORM_NAMES: Final = {
    DevicePlatform.APPLE: "iOS",
    DevicePlatform.ANDROID: "Android",
    DevicePlatform.MACOS: "macOS",
    DevicePlatform.WINDOWS: "Windows Desktop",
}
"""`iOS` stands in the document's example; the others are the console's names."""
ENROLLMENT: Final = {
    EnrollmentStatus.ENROLLED: "ENROLLED",
    EnrollmentStatus.UNENROLLED: "UNENROLLED",
    EnrollmentStatus.ENTERPRISE_WIPE_PENDING: "ENTERPRISE_WIPE_PENDING",
    EnrollmentStatus.DEVICE_WIPE_PENDING: "DEVICE_WIPE_PENDING",
}
COMPLIANCE: Final = {
    ComplianceStatus.COMPLIANT: "COMPLIANT",
    ComplianceStatus.NON_COMPLIANT: "NOT_COMPLIANT",
    ComplianceStatus.NOT_AVAILABLE: "NOT_AVAILABLE",
    ComplianceStatus.PENDING: "PENDING_COMPLIANCE_CHECK",
    ComplianceStatus.UNKNOWN: "UNKNOWN",
    ComplianceStatus.QUARANTINED: "QUARANTINED",
}
OWNERSHIP: Final = {"C": "CORPORATE", "E": "EMPLOYEE", "S": "SHARED"}


def ownership(letter: str) -> str:
    """The word for an ownership letter of version 1."""
    return OWNERSHIP.get(letter, "UNDEFINED")
