"""What is known of posture, and for how long: revisions, ages, single look-ups, and the UEM out of reach."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from posture_scene import Scene, phone

from tunnel_gateway.posture import look_ups
from tunnel_gateway.posture.errors import UemError, UnusableAnswerError
from tunnel_gateway.posture.look_ups import SILENT_FOR, UNKNOWN_FOR
from tunnel_gateway.posture.model import Compliance
from tunnel_gateway.posture.sync import PostureSync
from tunnel_gateway.posture.tunnel_access import ACCESS_EVERY
from tunnel_gateway.reasons import Reason, RefusalError


async def reason(sync: PostureSync, udid: str = "a-device") -> Reason:
    with pytest.raises(RefusalError) as refusal:
        await sync.posture_of(udid)
    return refusal.value.reason


def test_nothing_is_known_before_the_first_synchronisation(scene: Scene) -> None:
    async def test() -> None:
        sync = scene.start()
        assert await reason(sync) is Reason.POSTURE_UNAVAILABLE
        assert sync.status().state == "unavailable"
        scene.uem.down = True
        await sync.sync()
        assert await reason(sync) is Reason.POSTURE_UNAVAILABLE
        assert sync.status().error == "out of reach"

    scene.run(test)


def test_every_change_is_a_revision_and_ages_count_from_the_question(scene: Scene) -> None:
    async def test() -> None:
        sync = scene.start()
        await sync.sync()
        first = (await sync.posture_of("A-DEVICE")).revision
        scene.time.passes(7)
        answer = await sync.posture_of("A-DEVICE")
        assert (answer.posture, answer.revision, answer.age) == (phone("a-device"), first, 7)
        scene.uem.listed["a-device"] = phone("a-device", compliance=Compliance.NOT_COMPLIANT)
        await sync.sync()
        assert (await sync.posture_of("a-device")).revision > first
        assert scene.gateway.told == ["a-device", "a-device"]

    scene.run(test)


def test_what_was_known_serves_until_it_is_too_old(scene: Scene) -> None:
    async def test() -> None:
        sync = scene.start()
        await sync.sync()
        scene.uem.down = True
        scene.time.passes(100)
        await sync.sync()
        assert (await sync.posture_of("a-device")).age == 100
        scene.time.passes(1)
        assert await reason(sync) is Reason.POSTURE_STALE
        assert sync.status().state == "stale"
        scene.uem.down = False
        await sync.sync()
        assert (await sync.posture_of("a-device")).age == 0

    scene.run(test)


def test_unknown_device_gets_nothing_from_an_old_inventory(scene: Scene) -> None:
    """The age that is allowed to a device that was seen compliant is none for one that never was."""

    async def test() -> None:
        sync = scene.start()
        await sync.sync()
        scene.uem.down = True
        assert await reason(sync, "new-device") is Reason.POSTURE_UNAVAILABLE
        assert (await sync.posture_of("a-device")).posture is not None

    scene.run(test)


def test_open_tunnel_may_outlive_the_age_for_as_long_as_configured(scene: Scene) -> None:
    async def test() -> None:
        sync = scene.start(live_beyond=50)
        await sync.sync()
        scene.time.passes(150)
        assert sync.known_of_live("a-device").age == 150
        with pytest.raises(RefusalError):
            sync.known("a-device")
        scene.time.passes(1)
        with pytest.raises(RefusalError) as refusal:
            sync.known_of_live("a-device")
        assert refusal.value.reason is Reason.POSTURE_STALE

    scene.run(test)


def test_alert_comes_at_half_of_the_age(scene: Scene) -> None:
    async def test() -> None:
        sync = scene.start()
        await sync.sync()
        scene.time.passes(50)
        assert not sync.status().alert
        scene.time.passes(1)
        assert sync.status().alert

    scene.run(test)


def test_answer_that_nobody_foresaw_does_not_end_the_synchronisation(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: int) -> None:
        raise RecursionError

    async def test() -> None:
        sync = scene.start()
        await sync.sync()
        with monkeypatch.context() as patch:
            patch.setattr(scene.uem, "page", broken)
            await sync.sync()
        assert sync.status().error == "internal error: RecursionError"
        await sync.sync()
        assert sync.status().error is None

    scene.run(test)


# --- paging is no snapshot ---


def test_device_that_vanishes_from_the_pages_is_looked_up_before_it_is_dropped(scene: Scene) -> None:
    async def test() -> None:
        sync = scene.start()
        scene.uem.listed |= {"gone": phone("gone"), "slipped": phone("slipped")}
        await sync.sync()
        scene.uem.unlisted = {"slipped": scene.uem.listed.pop("slipped")}
        del scene.uem.listed["gone"]
        scene.gateway.told.clear()
        scene.time.passes(1)
        await sync.sync()
        assert sorted(scene.uem.looked_up()) == ["gone", "slipped"]
        assert scene.gateway.told == ["gone"]
        assert sync.known("gone").posture is None
        assert sync.known("slipped").posture is not None

    scene.run(test)


def test_half_an_inventory_drops_nobody(scene: Scene) -> None:
    async def test() -> None:
        sync = scene.start()
        scene.uem.listed["other"] = phone("other")
        await sync.sync()
        del scene.uem.listed["other"]
        scene.uem.total = 2
        scene.time.passes(1)
        await sync.sync()
        assert sync.status().error == "the device search ended after 1 of 2 devices"
        assert sync.known("other").posture is not None
        assert scene.uem.looked_up() == []
        assert sync.known("a-device").age == 0, "what was read counts"

    scene.run(test)


def test_missing_device_that_cannot_be_looked_up_stays_and_ages(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        sync = scene.start()
        scene.uem.listed["other"] = phone("other")
        await sync.sync()
        del scene.uem.listed["other"]
        look_up = scene.uem.device
        scene.time.passes(60)

        async def fails(udid: str, *, urgent: bool) -> None:
            scene.uem.down = True
            try:
                await look_up(udid, urgent=urgent)
            finally:
                scene.uem.down = False

        monkeypatch.setattr(scene.uem, "device", fails)
        await sync.sync()
        assert (sync.known("other").age, sync.known("a-device").age) == (60, 0)

    scene.run(test)


# --- single look-ups ---


def test_uem_is_asked_for_a_udid_as_it_spells_it(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        asked = []

        async def device(udid: str, *, urgent: bool) -> None:
            asked.append(udid)

        monkeypatch.setattr(scene.uem, "device", device)
        scene.uem.listed["a-device"] = phone("a-device", spelled="A-DEVICE")
        sync = scene.start()
        await sync.sync()
        await sync.posture_of("New-Device")
        scene.uem.listed.clear()
        scene.time.passes(1)
        await sync.sync()
        assert asked == ["New-Device", "A-DEVICE"]

    scene.run(test)


def test_unknown_device_is_looked_up_once_for_all_who_ask(scene: Scene) -> None:
    async def test() -> None:
        sync = scene.start()
        await sync.sync()
        scene.uem.unlisted["new-device"] = phone("new-device")
        scene.uem.gate = asyncio.Event()
        asking = [asyncio.ensure_future(sync.posture_of("new-device")) for _ in range(5)]
        await asyncio.sleep(0)
        scene.uem.gate.set()
        answers: list[Any] = await asyncio.gather(*asking)
        assert {answer.posture for answer in answers} == {phone("new-device")}
        assert scene.uem.looked_up() == ["new-device"]
        assert (await sync.posture_of("new-device")).posture is not None
        assert scene.uem.looked_up() == ["new-device"], "it is known now"

    scene.run(test)


def test_device_nobody_knows_is_not_asked_for_again_at_once(scene: Scene) -> None:
    async def test() -> None:
        sync = scene.start()
        await sync.sync()
        for _ in range(3):
            assert (await sync.posture_of("stranger")).posture is None
        assert scene.uem.looked_up() == ["stranger"]
        scene.time.passes(UNKNOWN_FOR + 0.1)
        await sync.posture_of("stranger")
        assert scene.uem.looked_up() == ["stranger"] * 2
        await sync.sync()  # an enrolment may have happened
        await sync.posture_of("stranger")
        assert scene.uem.looked_up() == ["stranger"] * 3

    scene.run(test)


def test_failed_look_up_is_no_unknown_device_and_spares_the_uem(scene: Scene) -> None:
    async def test() -> None:
        sync = scene.start()
        await sync.sync()
        scene.uem.down = True
        for udid in ("new-device", "another", "a-third"):
            assert await reason(sync, udid) is Reason.POSTURE_UNAVAILABLE
        assert scene.uem.looked_up() == ["new-device"]
        scene.uem.down = False
        scene.uem.unlisted["new-device"] = phone("new-device")
        scene.time.passes(SILENT_FOR + 0.1)
        assert (await sync.posture_of("new-device")).posture is not None

    scene.run(test)


def test_answer_about_one_device_that_cannot_be_used_stands_in_nobody_elses_way(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device may come again and again of which the UEM will not speak; the others are looked up all the same."""

    async def test() -> None:
        sync = scene.start()
        await sync.sync()
        scene.uem.unlisted["new-device"] = phone("new-device")
        look_up = scene.uem.device

        async def fails_for_one(udid: str, *, urgent: bool = True) -> Any:
            found = await look_up(udid, urgent=urgent)
            if udid == "odd-device":
                raise UnusableAnswerError("answered 400")
            return found

        monkeypatch.setattr(scene.uem, "device", fails_for_one)
        for _ in range(3):
            assert await reason(sync, "odd-device") is Reason.POSTURE_UNAVAILABLE
        assert scene.uem.looked_up() == ["odd-device"]
        assert (await sync.posture_of("new-device")).posture is not None

    scene.run(test)


def test_uem_that_does_not_answer_keeps_nobody_waiting_for_ever(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        monkeypatch.setattr(look_ups, "WITHIN", 0.05)
        sync = scene.start()
        await sync.sync()
        scene.uem.gate = asyncio.Event()
        assert await reason(sync, "new-device") is Reason.POSTURE_UNAVAILABLE
        assert (await sync.posture_of("a-device")).posture is not None

    scene.run(test)


def test_look_ups_at_the_same_time_have_a_limit(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        monkeypatch.setattr(look_ups, "AT_ONCE", 2)
        sync = scene.start()
        await sync.sync()
        scene.uem.gate = asyncio.Event()
        asking = [asyncio.ensure_future(sync.posture_of(udid)) for udid in ("one", "two")]
        await asyncio.sleep(0)
        assert await reason(sync, "three") is Reason.POSTURE_UNAVAILABLE
        scene.uem.gate.set()
        await asyncio.gather(*asking)
        assert scene.uem.looked_up() == ["one", "two"]

    scene.run(test)


def test_missing_device_that_cannot_be_looked_up_hides_no_other_that_is_gone(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise one odd device would keep all that were unenrolled admitted until they are too old."""

    async def test() -> None:
        scene.uem.listed = {udid: phone(udid) for udid in ("odd-device", "gone", "a-device")}
        sync = scene.start()
        await sync.sync()
        scene.uem.listed = {"a-device": phone("a-device")}
        look_up = scene.uem.device

        async def fails_for_one(udid: str, *, urgent: bool = True) -> Any:
            if udid == "odd-device":
                raise UnusableAnswerError("answered 400")
            return await look_up(udid, urgent=urgent)

        monkeypatch.setattr(scene.uem, "device", fails_for_one)
        scene.time.passes(1)
        await sync.sync()
        assert sync.known("gone").posture is None
        assert sync.known("odd-device").posture is not None

    scene.run(test)


# --- the tunnel service's block_access ---


def test_device_that_the_uem_blocks_is_told_apart(scene: Scene) -> None:
    async def test() -> None:
        sync = scene.start(checks_access=True, max_age=1e6)
        await sync.sync()
        scene.uem.blocked.add("uuid-of-a-device")
        assert (await sync.posture_of("a-device")).blocked
        scene.uem.blocked.clear()
        assert (await sync.posture_of("a-device")).blocked, "not asked again at once"
        scene.time.passes(ACCESS_EVERY + 1)
        assert not (await sync.posture_of("a-device")).blocked

    scene.run(test)


def test_device_of_which_nobody_can_say_whether_it_is_blocked_is_not_admitted(scene: Scene) -> None:
    async def test() -> None:
        sync = scene.start(checks_access=True, max_age=1e6)
        await sync.sync()
        scene.uem.down = True
        assert await reason(sync) is Reason.POSTURE_UNAVAILABLE
        scene.uem.down = False
        scene.time.passes(SILENT_FOR + 0.1)
        assert not (await sync.posture_of("a-device")).blocked
        scene.uem.down = True
        scene.time.passes(ACCESS_EVERY + 1)
        assert not (await sync.posture_of("a-device")).blocked, "what was known serves"

    scene.run(test)


def test_failure_about_one_device_keeps_no_other_from_being_asked_about(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device that the tunnel service does not know must not hide that another one was blocked there."""

    async def test() -> None:
        scene.uem.listed |= {"another": phone("another")}
        sync = scene.start(checks_access=True, max_age=1e6)
        await sync.sync()
        for udid in ("a-device", "another"):
            await sync.posture_of(udid)
        scene.gateway.live = ("a-device", "another")
        ask = scene.uem.blocks_access

        async def fails_for_one(uuid: str, *, urgent: bool) -> bool:
            if uuid == "uuid-of-a-device":
                raise UemError("answered 404")
            return await ask(uuid, urgent=urgent)

        monkeypatch.setattr(scene.uem, "blocks_access", fails_for_one)
        scene.uem.blocked.add("uuid-of-another")
        scene.time.passes(ACCESS_EVERY + 1)
        scene.gateway.told.clear()
        await sync.refresh_access()
        assert scene.gateway.told == ["another"]
        assert sync.known_of_live("another").blocked

    scene.run(test)


def test_tunnels_are_judged_again_when_the_tunnel_services_word_is_too_old(scene: Scene) -> None:
    """The inventory may be fresh all the while."""

    async def test() -> None:
        sync = scene.start(checks_access=True, max_age=0.5)
        await sync.sync()
        await sync.posture_of("a-device")
        scene.gateway.live = ("a-device",)
        scene.time.passes(0.6)
        await sync.sync()
        scene.gateway.told.clear()
        running = asyncio.ensure_future(sync.run())
        async with asyncio.timeout(5):
            while not scene.gateway.told:
                await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(RefusalError):
            sync.known_of_live("a-device")

    scene.run(test)
