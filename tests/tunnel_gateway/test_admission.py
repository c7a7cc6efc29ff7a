"""Admission: only explicit good words pass."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dtr_rules import Platform
from tunnel_gateway.admission import NEVER_ADMITTED, Admission, AdmissionPolicy, Treatment
from tunnel_gateway.posture.model import Compliance, DevicePosture
from tunnel_gateway.reasons import Reason, RefusalError

GOOD = DevicePosture("a-device", Platform.IOS, True, Compliance.COMPLIANT, "Compliant", False)
STRICT = AdmissionPolicy()
PENDING = (Compliance.PENDING, Compliance.PENDING_FOR_A_POLICY)


def test_good_device_is_admitted_as_what_the_uem_says_it_is() -> None:
    assert STRICT.admit(GOOD) == Admission("a-device", Platform.IOS)
    assert STRICT.admit(replace(GOOD, platform=Platform.MACOS, compromised=None)).platform is Platform.MACOS
    assert not STRICT.admit(GOOD).restricted


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
        *(
            pytest.param(Reason.DEVICE_NOT_COMPLIANT, replace(GOOD, compliance=each), id=each)
            for each in sorted(set(Compliance) - {Compliance.COMPLIANT, *PENDING, Compliance.NOT_COMPLIANT})
        ),
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
        STRICT.admit(posture)
    assert refusal.value.reason is reason


@pytest.mark.parametrize("compliance", sorted(set(Compliance)))
def test_table_can_admit_what_is_doubtful_but_never_what_is_not_compliant_or_no_word(compliance: Compliance) -> None:
    generous = AdmissionPolicy(dict.fromkeys(Compliance, Treatment.ADMIT))
    posture = replace(GOOD, compliance=compliance)
    if compliance in NEVER_ADMITTED:
        with pytest.raises(RefusalError) as refusal:
            generous.admit(posture)
        assert refusal.value.reason is Reason.DEVICE_NOT_COMPLIANT
    else:
        assert generous.admit(posture) == STRICT.admit(GOOD)


def test_table_cannot_admit_what_else_is_wrong() -> None:
    generous = AdmissionPolicy(dict.fromkeys(Compliance, Treatment.ADMIT))
    with pytest.raises(RefusalError) as refusal:
        generous.admit(replace(GOOD, compliance=Compliance.PENDING, compromised=None))
    assert refusal.value.reason is Reason.POSTURE_UNAVAILABLE


def test_restricted_device_is_admitted_as_such() -> None:
    policy = AdmissionPolicy({Compliance.QUARANTINED: Treatment.RESTRICT})
    assert policy.admit(replace(GOOD, compliance=Compliance.QUARANTINED)).restricted
    assert not policy.admit(GOOD).restricted


def test_platform_may_be_silent_on_compromise_where_the_operator_says_so() -> None:
    lenient = AdmissionPolicy(silent_on_compromise=frozenset({Platform.IOS}))
    assert lenient.admit(replace(GOOD, compromised=None)).platform is Platform.IOS
    with pytest.raises(RefusalError):
        lenient.admit(replace(GOOD, compromised=None, platform=Platform.MACOS))
