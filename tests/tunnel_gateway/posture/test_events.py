"""What an event notification says, and what becomes of it: bad news at once, good news not before the re-read."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

import pytest
from posture_scene import Scene, phone

from tunnel_gateway.admission import AdmissionPolicy, Treatment
from tunnel_gateway.posture import desk
from tunnel_gateway.posture.errors import UnusableAnswerError
from tunnel_gateway.posture.events import EventError, read_event
from tunnel_gateway.posture.model import Compliance
from tunnel_gateway.posture.sync import PostureSync
from tunnel_gateway.reasons import RefusalError

# The shape of a recorded event, without the fields that nobody here reads.
EVENT = {
    "EventId": 178,
    "EventType": "Compliance Status Changed",
    "DeviceId": 10000,
    "DeviceFriendlyName": "",
    "EventTime": "2026-01-16T09:13:59.5720125Z",
    "EnrollmentStatus": "Enrolled",
    "CompromisedStatus": "",
    "ComplianceStatus": "Compliant",
    "Udid": "A-Device",
    "SerialNumber": "",
    "Platform": "Apple",
    "DeviceUUID": "UUID-of-A-Device",
}
GENEROUS = AdmissionPolicy(dict.fromkeys(Compliance, Treatment.ADMIT))


def event(**fields: Any) -> bytes:
    return json.dumps({**EVENT, **fields}).encode()


def is_admitted(sync: PostureSync, policy: AdmissionPolicy = GENEROUS) -> bool:
    try:
        policy.judge(sync.known("a-device"))
    except RefusalError:
        return False
    return True


BAD = [
    pytest.param({"ComplianceStatus": "NonCompliant"}, id="not-compliant"),
    pytest.param({"ComplianceStatus": "NOT_COMPLIANT"}, id="not-compliant-in-another-spelling"),
    pytest.param({"ComplianceStatus": "Blocked"}, id="blocked"),
    pytest.param({"ComplianceStatus": "a word of tomorrow"}, id="no-known-word"),
    pytest.param({"EventType": "Compromised Status Changed", "CompromisedStatus": "Compromised"}, id="compromised"),
    pytest.param({"CompromisedStatus": True}, id="compromised-as-a-boolean"),
    pytest.param(
        {"EventType": "Compromised Status Changed", "CompromisedStatus": "Detected"}, id="compromised-perhaps"
    ),
    pytest.param({"EventType": "Break MDM Confirmed"}, id="unenrolled"),
    pytest.param({"EventType": "BreakMDMConfirmed", "EnrollmentStatus": ""}, id="unenrolled-by-an-old-tenant"),
    pytest.param({"EnrollmentStatus": "DeviceWipePending"}, id="wipe"),
    pytest.param({"ComplianceStatus": "NonCompliant", "Udid": ""}, id="named-by-uuid-alone"),
    pytest.param({"ComplianceStatus": "NonCompliant", "DeviceUUID": None, "DeviceId": None}, id="named-by-udid-alone"),
]
HARMLESS = [
    pytest.param({}, id="compliant"),
    pytest.param({"ComplianceStatus": ""}, id="no-word-on-compliance"),
    pytest.param({"CompromisedStatus": "NotCompromised"}, id="not-compromised"),
    pytest.param({"EventType": "Device Operating System Changed"}, id="something-else-changed"),
    pytest.param({"EventType": "an event of tomorrow"}, id="no-known-type"),
]


@pytest.mark.parametrize("fields", BAD)
def test_bad_news_counts_at_once_and_the_next_reading_takes_it_back(scene: Scene, fields: dict[str, Any]) -> None:
    async def test() -> None:
        sync = scene.start()
        await sync.sync()
        scene.gateway.live = ("a-device",)
        scene.gateway.told.clear()
        assert is_admitted(sync)
        sync.desk.take(event(**fields))
        assert scene.gateway.told == ["a-device"], "its tunnels are judged before the UEM is asked"
        assert not is_admitted(sync)
        scene.time.passes(1)
        await sync.sync()
        assert is_admitted(sync)
        assert sync.status().alarms == 0

    scene.run(test)


@pytest.mark.parametrize("fields", HARMLESS)
def test_good_news_admits_nothing_and_harmless_news_takes_nothing(scene: Scene, fields: dict[str, Any]) -> None:
    async def test() -> None:
        sync = scene.start()
        await sync.sync()
        sync.desk.take(event(**fields))
        assert is_admitted(sync)
        scene.uem.listed["a-device"] = phone("a-device", compliance=Compliance.NOT_COMPLIANT)
        await sync.sync()
        sync.desk.take(event(**fields, EventTime="2026-01-16T10:00:00Z"))
        assert not is_admitted(sync)

    scene.run(test)


def test_bad_news_never_makes_better_what_is_worse(scene: Scene) -> None:
    """Pending may admit where the table says so; not compliant does not, whatever an event says after it."""

    async def test() -> None:
        sync = scene.start()
        scene.uem.listed["a-device"] = phone("a-device", compliance=Compliance.NOT_COMPLIANT)
        await sync.sync()
        sync.desk.take(event(ComplianceStatus="PendingComplianceCheck"))
        assert not is_admitted(sync)

    scene.run(test)


PENDING = {"ComplianceStatus": "PendingComplianceCheck", "EventTime": "2026-01-16T09:14:00Z"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"ComplianceStatus": "NonCompliant"}, PENDING, id="two-events-of-one-name"),
        pytest.param({"ComplianceStatus": "NonCompliant", "Udid": ""}, PENDING, id="the-worse-one-by-uuid-alone"),
        pytest.param({"EnrollmentStatus": "Unenrolled", "Udid": ""}, PENDING, id="another-kind-of-bad-by-uuid-alone"),
    ],
)
def test_later_event_takes_nothing_back_before_the_re_read(
    scene: Scene, first: dict[str, Any], second: dict[str, Any]
) -> None:
    """Pending may admit where the table says so, and still is no word that the device is compliant again."""

    async def test() -> None:
        sync = scene.start()
        await sync.sync()
        sync.desk.take(event(**first))
        sync.desk.take(event(**second))
        assert not is_admitted(sync)
        scene.time.passes(1)
        await sync.sync()
        assert is_admitted(sync)

    scene.run(test)


def test_event_without_a_time_is_never_taken_for_an_old_one(scene: Scene) -> None:
    async def test() -> None:
        sync = scene.start()
        await sync.sync()
        for _ in range(2):
            sync.desk.take(event(ComplianceStatus="NonCompliant", EventTime=None))
            assert not is_admitted(sync)
            scene.time.passes(1)
            await sync.sync()
            assert is_admitted(sync)

    scene.run(test)


def test_restriction_by_event_holds_until_the_re_read(scene: Scene) -> None:
    async def test() -> None:
        sync = scene.start()
        await sync.sync()
        sync.desk.take(event(ComplianceStatus="Quarantined"))
        policy = AdmissionPolicy({Compliance.QUARANTINED: Treatment.RESTRICT})
        assert policy.judge(sync.known("a-device")).restricted

    scene.run(test)


def test_reading_that_was_asked_for_before_the_event_settles_nothing(scene: Scene) -> None:
    async def test() -> None:
        sync = scene.start()
        await sync.sync()
        scene.uem.gate = asyncio.Event()
        reading = asyncio.ensure_future(sync.sync())
        await asyncio.sleep(0)
        scene.time.passes(1)
        sync.desk.take(event(ComplianceStatus="NonCompliant"))
        scene.uem.gate.set()
        await reading
        assert not is_admitted(sync)

    scene.run(test)


async def _until(condition: Any) -> None:
    while not condition():
        await asyncio.sleep(0)


def test_device_is_read_again_and_the_event_is_confirmed_or_reverted(scene: Scene) -> None:
    async def test() -> None:
        sync = scene.start()
        await sync.sync()
        work = asyncio.ensure_future(sync.desk.run())
        scene.time.passes(1)
        sync.desk.take(event(ComplianceStatus="NonCompliant"))
        await _until(lambda: not sync.desk.waiting)
        assert is_admitted(sync), "reverted"
        scene.uem.listed["a-device"] = phone("a-device", compliance=Compliance.NOT_COMPLIANT)
        scene.time.passes(1)
        sync.desk.take(event(ComplianceStatus="NonCompliant", EventTime="2026-01-16T10:00:00Z"))
        await _until(lambda: not sync.desk.waiting)
        assert not is_admitted(sync), "confirmed"
        assert sync.status().alarms == 0
        assert scene.uem.looked_up() == ["a-device"] * 2
        work.cancel()

    scene.run(test)


@pytest.mark.parametrize("error", [UnusableAnswerError("answered 400"), RuntimeError("unforeseen")], ids=repr)
def test_devices_that_cannot_be_read_let_others_go_ahead(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def test() -> None:
        monkeypatch.setattr(desk, "FIRST_PAUSE", 0.0)
        monkeypatch.setattr(desk, "LAST_PAUSE", 0.0)
        sync = scene.start()
        await sync.sync()
        read = scene.uem.device

        async def fails_for_odd(udid: str, *, urgent: bool = True) -> Any:
            if udid.startswith("odd"):
                raise error
            return await read(udid, urgent=urgent)

        monkeypatch.setattr(scene.uem, "device", fails_for_odd)
        for number in range(desk.AT_ONCE):
            sync.desk.take(event(Udid=f"odd-{number}", DeviceUUID=""))
        sync.desk.take(event())

        async def begin_anew() -> None:
            while True:
                with suppress(RuntimeError):
                    await sync.desk.run()

        work = asyncio.ensure_future(begin_anew())
        await _until(lambda: "a-device" in scene.uem.looked_up())
        work.cancel()

    scene.run(test)


def test_device_named_by_number_or_serial_is_read_by_that(scene: Scene) -> None:
    async def test() -> None:
        sync = scene.start()
        await sync.sync()
        work = asyncio.ensure_future(sync.desk.run())
        sync.desk.take(event(Udid="", DeviceUUID=""))
        sync.desk.take(event(Udid="", DeviceUUID="", DeviceId=0, SerialNumber="S1"))
        await _until(lambda: not sync.desk.waiting)
        assert scene.uem.asked[1:] == [("DeviceId", "10000"), ("Serialnumber", "S1")]
        work.cancel()

    scene.run(test)


def test_event_that_is_told_again_is_one_event(scene: Scene) -> None:
    async def test() -> None:
        sync = scene.start()
        await sync.sync()
        for time in ("59.5720100Z", "59.57201Z", "59.5720100Z"):
            sync.desk.take(event(ComplianceStatus="NonCompliant", EventTime=f"2026-01-16T09:13:{time}"))
        assert sync.desk.taken == 1

    scene.run(test)


def test_storm_becomes_one_synchronisation(scene: Scene) -> None:
    async def test() -> None:
        sync = scene.start()
        scene.uem.listed = {f"d{number}": phone(f"d{number}") for number in range(2 * desk.STORM)}
        await sync.sync()
        scene.uem.asked.clear()
        scene.time.passes(1)
        for number in range(2 * desk.STORM):
            sync.desk.take(event(Udid=f"d{number}", DeviceUUID="", ComplianceStatus="NonCompliant"))
        assert sync.status().alarms == 2 * desk.STORM
        scene.time.passes(1)
        running = asyncio.ensure_future(sync.run())
        await _until(lambda: not sync.status().alarms)
        running.cancel()
        assert [each for each in scene.uem.asked if each[0] != "page"] == []
        assert len(scene.uem.asked) <= 2, "the synchronisation at start and the one for the storm"

    scene.run(test)


def test_alarms_have_a_limit(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        monkeypatch.setattr(desk, "MAX_ALARMS", 3)
        sync = scene.start()
        await sync.sync()
        for number in range(3):
            sync.desk.take(event(Udid=f"nobody{number}", DeviceUUID="", ComplianceStatus="NonCompliant"))
        with pytest.raises(desk.TooManyEventsError):
            sync.desk.take(event(Udid="a-device", ComplianceStatus="NonCompliant"))
        scene.time.passes(1)
        await sync.sync()
        assert sync.status().alarms == 0, "the inventory was read, and has none of them"
        sync.desk.take(event(Udid="a-device", ComplianceStatus="NonCompliant"))
        assert not is_admitted(sync)

    scene.run(test)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{", b'"x"', b"\xff\xfe", b"[" * 10_000, b'{"Udid": ' + b"[" * 5_000],
    ids=["nothing", "a-list", "null", "half", "text", "no-utf-8", "deep", "deep-value"],
)
def test_body_that_is_no_event(body: bytes) -> None:
    with pytest.raises(EventError):
        read_event(body, 0.0)


@pytest.mark.parametrize(
    "fields",
    [
        {"Udid": ["x"]},
        {"Udid": {"a": 1}, "DeviceUUID": 7, "EventTime": 12, "EventType": None},
        {"Udid": "x" * 10_000, "ComplianceStatus": [1]},
        {"ComplianceStatus": {"a": 1}, "EnrollmentStatus": 3.5},
    ],
    ids=["list", "mixed", "long", "objects"],
)
def test_fields_of_another_kind_are_no_names_and_no_good_words(fields: dict[str, Any]) -> None:
    found = read_event(event(**fields), 0.0)
    assert len(found.udid) <= 128
    assert found.alarm is None or found.alarm.compliance is Compliance.UNRECOGNISED


def test_keys_of_any_case_are_read() -> None:
    found = read_event(json.dumps({"UDID": "AB", "deviceuuid": "C", "compliancestatus": "NonCompliant"}).encode(), 5.0)
    assert (found.udid, found.uuid) == ("ab", "c")
    assert found.alarm is not None
    assert found.alarm.compliance is Compliance.NOT_COMPLIANT
