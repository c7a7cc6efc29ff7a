"""What is known of posture, and for how long: revisions, ages, single look-ups, and the UEM out of reach."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from dtr_rules import Platform
from tunnel_gateway.posture.model import Compliance, DevicePosture
from tunnel_gateway.posture.sync import UNKNOWN_FOR, PostureSync
from tunnel_gateway.posture.uem import UemError
from tunnel_gateway.reasons import Reason, RefusalError


def phone(udid: str) -> DevicePosture:
    return DevicePosture(udid, Platform.IOS, True, Compliance.COMPLIANT, "Compliant", False)


class Uem:
    """A UEM whose inventory, single look-up and availability the test sets."""

    def __init__(self) -> None:
        self.inventory: dict[str, DevicePosture] = {"a-device": phone("a-device")}
        self.late: dict[str, DevicePosture] = {}
        self.down = False
        self.looked_up: list[str] = []
        self.gate: asyncio.Event | None = None

    async def devices(self) -> dict[str, DevicePosture]:
        if self.down:
            raise UemError("out of reach")
        return dict(self.inventory)

    async def device(self, udid: str) -> DevicePosture | None:
        self.looked_up.append(udid)
        if self.gate is not None:
            await self.gate.wait()
        if self.down:
            raise UemError("out of reach")
        return self.late.get(udid)

    async def close(self) -> None: ...


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def run(test: Callable[[PostureSync, Uem, Clock], Awaitable[None]]) -> None:
    async def main() -> None:
        uem, clock = Uem(), Clock()
        sync = PostureSync(uem, every=60, max_age=100, monotonic=clock)  # type: ignore[arg-type]
        try:
            await test(sync, uem, clock)
        finally:
            await sync.close()

    asyncio.run(main())


async def reason(sync: PostureSync, udid: str = "a-device") -> Reason:
    with pytest.raises(RefusalError) as refusal:
        await sync.posture_of(udid)
    return refusal.value.reason


def test_nothing_is_known_before_the_first_synchronisation() -> None:
    async def test(sync: PostureSync, uem: Uem, clock: Clock) -> None:
        assert await reason(sync) is Reason.POSTURE_UNAVAILABLE
        assert sync.status().state == "unavailable"
        uem.down = True
        await sync.sync()
        assert await reason(sync) is Reason.POSTURE_UNAVAILABLE
        assert sync.status().error == "out of reach"

    run(test)


def test_each_synchronisation_is_a_revision() -> None:
    async def test(sync: PostureSync, uem: Uem, clock: Clock) -> None:
        await sync.sync()
        await sync.sync()
        clock.now += 7
        answer = await sync.posture_of("A-DEVICE")
        assert answer.posture == phone("a-device")
        assert (answer.revision, answer.age) == (2, 7)

    run(test)


def test_what_was_known_serves_until_it_is_too_old() -> None:
    async def test(sync: PostureSync, uem: Uem, clock: Clock) -> None:
        await sync.sync()
        uem.down = True
        clock.now += 100
        await sync.sync()
        assert (await sync.posture_of("a-device")).age == 100
        clock.now += 1
        assert await reason(sync) is Reason.POSTURE_STALE
        assert sync.status().state == "stale"
        uem.down = False
        await sync.sync()
        assert (await sync.posture_of("a-device")).age == 0

    run(test)


def test_answer_that_nobody_foresaw_does_not_end_the_synchronisation() -> None:
    async def test(sync: PostureSync, uem: Uem, clock: Clock) -> None:
        await sync.sync()
        good = uem.devices
        uem.devices = _broken  # type: ignore[method-assign, assignment]
        await sync.sync()
        assert sync.status().error == "internal error: RecursionError"
        uem.devices = good  # type: ignore[method-assign]
        await sync.sync()
        assert sync.status().error is None

    run(test)


async def _broken() -> None:
    raise RecursionError


def test_unknown_device_is_looked_up_once_for_all_who_ask() -> None:
    async def test(sync: PostureSync, uem: Uem, clock: Clock) -> None:
        await sync.sync()
        uem.late["new-device"] = phone("new-device")
        uem.gate = asyncio.Event()
        asking = [asyncio.ensure_future(sync.posture_of("new-device")) for _ in range(5)]
        await asyncio.sleep(0)
        uem.gate.set()
        answers: list[Any] = await asyncio.gather(*asking)
        assert {answer.posture for answer in answers} == {phone("new-device")}
        assert uem.looked_up == ["new-device"]

    run(test)


def test_device_nobody_knows_is_not_asked_for_again_at_once() -> None:
    async def test(sync: PostureSync, uem: Uem, clock: Clock) -> None:
        await sync.sync()
        for _ in range(3):
            assert (await sync.posture_of("stranger")).posture is None
        assert uem.looked_up == ["stranger"]
        clock.now += UNKNOWN_FOR + 0.1
        await sync.posture_of("stranger")
        assert uem.looked_up == ["stranger"] * 2
        await sync.sync()  # an enrolment may have happened
        await sync.posture_of("stranger")
        assert uem.looked_up == ["stranger"] * 3

    run(test)


def test_failed_look_up_is_no_unknown_device() -> None:
    async def test(sync: PostureSync, uem: Uem, clock: Clock) -> None:
        await sync.sync()
        uem.down = True
        assert await reason(sync, "new-device") is Reason.POSTURE_UNAVAILABLE
        uem.down = False
        uem.late["new-device"] = phone("new-device")
        assert (await sync.posture_of("new-device")).posture is not None

    run(test)
