"""A packed record is the record, in few bytes."""

from __future__ import annotations

import sys
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from posture_scene import phone

from dtr_rules import Platform
from tunnel_gateway.posture import packed
from tunnel_gateway.posture.inventory import NO_SWEEP
from tunnel_gateway.posture.model import Compliance, DevicePosture, Ownership
from tunnel_gateway.posture.packed import Packing

UDID = "00008110-000a1c2e3f40801e"
USUAL = phone(UDID, uuid="6d0d1c2e-0000-4000-8000-3f40801e0001", spelled=UDID.upper())
TEXT = st.text(st.characters(), max_size=20)

POSTURES = st.builds(
    DevicePosture,
    udid=TEXT.map(str.lower),
    platform=st.none() | st.sampled_from(Platform),
    enrolled=st.booleans(),
    compliance=st.sampled_from(Compliance),
    compliance_word=TEXT,
    compromised=st.none() | st.booleans(),
    uuid=st.just("") | st.uuids().map(str) | st.just(str(UUID(int=0))) | TEXT,
    group=TEXT,
    group_uuid=TEXT,
    ownership=st.sampled_from(Ownership),
    spelled=TEXT,
)


@given(st.lists(POSTURES, min_size=1, max_size=5), st.floats(allow_nan=False), st.integers(NO_SWEEP, 1_000_000))
def test_what_is_packed_is_what_comes_out(postures: list[DevicePosture], as_of: float, sweep: int) -> None:
    packing = Packing()
    records = [packing.pack(each, as_of, sweep) for each in postures]
    assert [packing.posture(each.udid, record) for each, record in zip(postures, records, strict=True)] == postures
    for each, record in zip(postures, records, strict=True):
        assert (packed.moment(record), packed.sweep(record)) == (as_of, sweep)
        assert packed.has_uuid(record, each.uuid)
        later = packed.read_again(record, as_of + 1, 7)
        assert packed.is_same(record, later)
        assert (packed.moment(later), packed.sweep(later)) == (as_of + 1, 7)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"compliance": Compliance.NOT_COMPLIANT}, id="compliance"),
        pytest.param({"compromised": None}, id="compromised"),
        pytest.param({"enrolled": False}, id="enrolled"),
        pytest.param({"uuid": "6d0d1c2e-0000-4000-8000-3f40801e0002"}, id="uuid"),
        pytest.param({"uuid": "another"}, id="uuid-of-no-usual-form"),
        pytest.param({"spelled": UDID}, id="spelling"),
        pytest.param({"group": "Sales"}, id="group"),
    ],
)
def test_devices_that_differ_are_not_the_same(changed: dict[str, object]) -> None:
    packing = Packing()
    usual, other = packing.pack(USUAL, 1.0, 1), packing.pack(replace(USUAL, **changed), 1.0, 1)  # type: ignore[arg-type]
    assert not packed.is_same(usual, other)


def test_usual_record_takes_64_bytes() -> None:
    assert sys.getsizeof(Packing().pack(USUAL, 1.0, 1)) <= 64
