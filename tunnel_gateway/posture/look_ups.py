"""Single questions to the UEM about one device: shared by all who wait for the same, and few at a time.

A device that the UEM did not know, and a UEM that did not answer, are asked about again only after a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final, TypeVar

from tunnel_gateway.posture.errors import UemError, UnusableAnswerError
from tunnel_gateway.posture.inventory import Inventory
from tunnel_gateway.posture.uem import UemClient

K = TypeVar("K")

UNKNOWN_FOR: Final = 5.0
"""Seconds for which the UEM is not asked again about a device that it did not know."""
SILENT_FOR: Final = 5.0
"""Seconds for which nobody who waits has the UEM asked again after it failed to answer, or asked the same question
after an answer that cannot be used."""
WITHIN: Final = 10.0
"""Seconds that a device waits for the UEM's answer, its turn included."""
AT_ONCE: Final = 64
MAX_REMEMBERED: Final = 10_000


class LookUps:
    """The questions that are on their way, and what came of the last ones."""

    def __init__(
        self,
        client: UemClient,
        inventory: Inventory,
        *,
        running: Callable[[], float],
        changed: Callable[[str], None],
    ) -> None:
        self._client = client
        self._inventory = inventory
        self._running = running
        self._changed = changed
        self._unknown_until: dict[str, float] = {}
        self._unusable_until: dict[tuple[str, str], float] = {}
        self._silent_until = 0.0
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}

    def is_unknown(self, udid: str) -> bool:
        """Whether the UEM said just now that it does not know the device."""
        return self._unknown_until.get(udid, 0.0) > self._running()

    def forget_unknown(self) -> None:
        """The inventory was read anew: who was unknown may have been enrolled."""
        self._unknown_until.clear()

    async def device(self, spelled: str) -> None:
        """Have the device read for somebody who waits. Raises UemError."""
        await self._shared(("device", spelled.lower()), lambda: self.read(spelled, urgent=True))

    async def access(self, udid: str, uuid: str) -> None:
        """Have the tunnel service asked for somebody who waits. Raises UemError."""
        await self._shared(("access", udid), lambda: self.read_access(udid, uuid, urgent=True))

    async def read(self, spelled: str, *, urgent: bool) -> None:
        """Read one device into the inventory. Raises UemError.

        The UEM is asked for the UDID as it spells it, or else as `spelled`: whether case matters to it is not known.
        """
        udid, asked = spelled.lower(), self._running()
        record = self._inventory.record(udid)
        device = await self._client.device((record.posture.spelled if record else "") or spelled, urgent=urgent)
        if device is not None:
            changed = self._inventory.read(device, asked)
        else:
            changed = self._inventory.forget(udid, asked)
            self._inventory.settle(udid, asked)
            self._remember(self._unknown_until, udid, UNKNOWN_FOR)
        if changed:
            self._changed(udid)

    async def read_access(self, udid: str, uuid: str, *, urgent: bool) -> None:
        """Read the tunnel service's word on one device. Raises UemError."""
        asked = self._running()
        blocked = await self._client.blocks_access(uuid, urgent=urgent)
        if self._inventory.set_access(udid, blocked=blocked, as_of=asked):
            self._changed(udid)

    async def close(self) -> None:
        for task in list(self._tasks.values()):
            task.cancel()
            with suppress(asyncio.CancelledError, UemError):
                await task

    async def _shared(self, key: tuple[str, str], question: Callable[[], Coroutine[Any, Any, None]]) -> None:
        task = self._tasks.get(key)
        if task is None:
            if max(self._silent_until, self._unusable_until.get(key, 0.0)) > self._running():
                raise UemError("the UEM did not answer just now")
            if len(self._tasks) >= AT_ONCE:
                raise UemError("too many devices are being looked up")
            task = asyncio.ensure_future(self._in_time(question))
            self._tasks[key] = task
            task.add_done_callback(lambda done: self._done(key, done))
        await asyncio.shield(task)

    async def _in_time(self, question: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            async with asyncio.timeout(WITHIN):
                await question()
        except TimeoutError:
            raise UemError(f"the UEM did not answer within {WITHIN:.0f} s") from None

    def _done(self, key: tuple[str, str], task: asyncio.Task[None]) -> None:
        self._tasks.pop(key, None)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, UnusableAnswerError):
            self._remember(self._unusable_until, key, SILENT_FOR)
        elif error is not None:
            self._silent_until = self._running() + SILENT_FOR

    def _remember(self, until: dict[K, float], key: K, seconds: float) -> None:
        if len(until) >= MAX_REMEMBERED:
            until.clear()
        until[key] = self._running() + seconds
