"""Admission: only explicit good words pass."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dtr_rules import Platform
from tunnel_gateway.admission import admit
from tunnel_gateway.posture.model import Compliance, DevicePosture
from tunnel_gateway.reasons import Reason, RefusalError

GOOD = DevicePosture("a-device", Platform.IOS, True, Compliance.COMPLIANT, "Compliant", False)


def test_good_device_is_admitted_as_what_the_uem_says_it_is() -> None:
    assert admit(GOOD) is Platform.IOS
    assert admit(replace(GOOD, platform=Platform.MACOS, compromised=None)) is Platform.MACOS


@pytest.mark.parametrize(
    ("reason", "posture"),
    [
        pytest.param(Reason.DEVICE_UNKNOWN, None, id="unknown"),
        pytest.param(Reason.DEVICE_NOT_ENROLLED, replace(GOOD, enrolled=False), id="not-enrolled"),
        pytest.param(Reason.DEVICE_COMPROMISED, replace(GOOD, compromised=True), id="compromised"),
        pytest.param(
            Reason.DEVICE_NOT_COMPLIANT, replace(GOOD, compliance=Compliance.NOT_COMPLIANT), id="not-compliant"
        ),
        pytest.param(Reason.DEVICE_COMPLIANCE_PENDING, replace(GOOD, compliance=Compliance.PENDING), id="pending"),
        pytest.param(Reason.DEVICE_NOT_COMPLIANT, replace(GOOD, compliance=Compliance.DOUBTFUL), id="doubtful"),
        pytest.param(Reason.POSTURE_UNAVAILABLE, replace(GOOD, platform=None), id="unknown-platform"),
        pytest.param(Reason.POSTURE_UNAVAILABLE, replace(GOOD, compromised=None), id="no-word-on-compromise-ios"),
        pytest.param(
            Reason.POSTURE_UNAVAILABLE,
            replace(GOOD, compromised=None, platform=Platform.ANDROID),
            id="no-word-on-compromise-android",
        ),
        pytest.param(
            Reason.DEVICE_NOT_ENROLLED,
            replace(GOOD, enrolled=False, compromised=True, compliance=Compliance.NOT_COMPLIANT),
            id="enrolment-comes-first",
        ),
    ],
)
def test_refused(reason: Reason, posture: DevicePosture | None) -> None:
    with pytest.raises(RefusalError) as refusal:
        admit(posture)
    assert refusal.value.reason is reason
