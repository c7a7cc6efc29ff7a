"""A UEM, a clock and a gateway that a test sets as it wants, around the posture that is tested."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any

from dtr_rules import Platform
from tunnel_gateway.posture.clock import Clock
from tunnel_gateway.posture.errors import UemError
from tunnel_gateway.posture.model import Compliance, DevicePosture
from tunnel_gateway.posture.sync import Ages, PostureSync
from tunnel_gateway.posture.uem import Page


def phone(udid: str, **fields: Any) -> DevicePosture:
    good = DevicePosture(
        udid, Platform.IOS, True, Compliance.COMPLIANT, "Compliant", False, uuid=f"uuid-of-{udid}", spelled=udid
    )
    return replace(good, **fields)


class Uem:
    """A UEM whose inventory, single look-up and availability the test sets. `asked` is every question."""

    page_size = 500

    def __init__(self) -> None:
        self.listed: dict[str, DevicePosture] = {"a-device": phone("a-device")}
        self.unlisted: dict[str, DevicePosture] = {}
        """Known, but on no page: enrolled since, or slipped between two pages."""
        self.blocked: set[str] = set()
        self.total: int | None = None
        self.down = False
        self.gate: asyncio.Event | None = None
        self.asked: list[tuple[str, ...]] = []

    async def page(self, number: int) -> Page:
        await self._ask("page", str(number))
        shown = tuple(self.listed.values())[number * self.page_size : (number + 1) * self.page_size]
        return Page(shown, len(shown), len(self.listed) if self.total is None else self.total)

    async def device(self, udid: str, *, urgent: bool = True) -> DevicePosture | None:
        await self._ask("device", udid.lower())
        return (self.listed | self.unlisted).get(udid.lower())

    async def device_by(self, kind: str, value: str) -> DevicePosture | None:
        await self._ask(kind, value)
        return self.listed.get(value)

    async def blocks_access(self, uuid: str, *, urgent: bool) -> bool:
        await self._ask("access", uuid)
        return uuid in self.blocked

    async def close(self) -> None: ...

    async def _ask(self, *question: str) -> None:
        self.asked.append(question)
        if self.gate is not None:
            await self.gate.wait()
        if self.down:
            raise UemError("out of reach")

    def looked_up(self) -> list[str]:
        return [each[1] for each in self.asked if each[0] == "device"]


class Time:
    """The clocks of a machine that the test winds, and starts anew."""

    def __init__(self) -> None:
        self.running, self.wall, self.boot = 1000.0, 1_700_000_000.0, "first"

    def passes(self, seconds: float) -> None:
        self.running += seconds
        self.wall += seconds

    def machine_restarts(self, seconds: float) -> None:
        self.wall += seconds
        self.running, self.boot = seconds, self.boot + "'"

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.running, lambda: self.wall, lambda: self.boot)


class Gateway:
    """Who is told of changes; `live` are the devices that have tunnels."""

    def __init__(self) -> None:
        self.live: tuple[str, ...] = ()
        self.told: list[str] = []

    @property
    def devices_with_tunnels(self) -> tuple[str, ...]:
        return self.live

    def device_changed(self, udid: str) -> None:
        self.told.append(udid)

    async def devices_changed(self, udids: Iterable[str]) -> None:
        self.told.extend(udids)

    async def certificates_expired(self) -> None: ...


class Scene:
    """All of it; `start` makes a posture, as a start of the program does."""

    def __init__(self) -> None:
        self.uem, self.time, self.gateway = Uem(), Time(), Gateway()
        self.started: list[PostureSync] = []

    def start(self, *, max_age: float = 100.0, **options: Any) -> PostureSync:
        ages = Ages(every=60.0, max_age=max_age, live_beyond=options.pop("live_beyond", 0.0))
        made = PostureSync(self.uem, ages, clock=self.time.clock, **options)  # type: ignore[arg-type]
        made.watch(self.gateway)
        self.started.append(made)
        return made

    def run(self, test: Callable[[], Awaitable[None]]) -> None:
        async def main() -> None:
            async with asyncio.timeout(10):
                try:
                    await test()
                finally:
                    for each in self.started:
                        await each.close()

        asyncio.run(main())
