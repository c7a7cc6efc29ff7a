"""Keep the posture of all devices: a full synchronisation on a period, and a single look-up for an unknown device.

What is known has a revision and an age. Where nothing is known, or it is too old, the answer is a refusal: a device is
never admitted because the UEM could not be asked.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from tunnel_gateway.posture.model import DevicePosture, PostureAnswer, Snapshot
from tunnel_gateway.posture.uem import UemClient, UemError
from tunnel_gateway.reasons import Reason, RefusalError

UNKNOWN_FOR: Final = 5.0
"""Seconds for which the UEM is not asked again about a device that it did not know."""
MAX_REMEMBERED: Final = 10_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PostureStatus:
    """What an operator sees: `state` is fresh, stale or unavailable."""

    state: str
    revision: int
    devices: int
    sync_started_at: str | None
    synced_at: str | None
    error: str | None


class PostureSync:
    """The posture of every device, as of the last full synchronisation.

    `every` is the period and `max_age` the age beyond which nothing is admitted, both in seconds.
    """

    def __init__(
        self,
        client: UemClient,
        *,
        every: float,
        max_age: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._every = every
        self._max_age = max_age
        self._monotonic = monotonic
        self._snapshot: Snapshot | None = None
        self._error: str | None = None
        self._unknown_until: dict[str, float] = {}
        self._found: dict[str, DevicePosture] = {}
        self._look_ups: dict[str, asyncio.Task[PostureAnswer]] = {}

    async def run(self) -> None:
        """Synchronise for ever. A failure is reported once, kept for the status, and tried again next time."""
        while True:
            await self.sync()
            await asyncio.sleep(self._every)

    async def sync(self) -> None:
        """One full synchronisation; the old snapshot stays where it fails."""
        started, started_at = self._monotonic(), _now()
        try:
            devices = await self._client.devices()
        except UemError as error:
            if self._error != str(error):
                logger.warning(
                    "posture: %s%s", error, "" if self._snapshot else "; nobody is admitted until it can be read"
                )
            self._error = str(error)
            return
        except Exception as error:  # whatever the UEM sends must not end the synchronisation for ever
            logger.exception("posture: the synchronisation failed")
            self._error = f"internal error: {type(error).__name__}"
            return
        if self._error is not None or self._snapshot is None:
            logger.info("posture: %d devices read from the UEM", len(devices))
        self._snapshot = Snapshot(self.revision + 1, devices, started, started_at, _now())
        self._error = None
        self._unknown_until.clear()
        self._found.clear()

    async def posture_of(self, udid: str) -> PostureAnswer:
        """What is known of a device, whatever the case of its UDID's letters; the UEM is asked about an unknown one.

        Raises RefusalError: `posture-unavailable` or `posture-stale`.
        """
        answer = self.known(udid)
        if answer.posture is not None or self._unknown_until.get(udid.lower(), 0.0) > self._monotonic():
            return answer
        return await self._look_up(udid, answer.revision)

    def known(self, udid: str) -> PostureAnswer:
        """The same, without asking anybody."""
        snapshot = self._snapshot
        if snapshot is None:
            raise RefusalError(Reason.POSTURE_UNAVAILABLE, "no device inventory could be read from the UEM yet")
        age = self._monotonic() - snapshot.started
        if age > self._max_age:
            raise RefusalError(Reason.POSTURE_STALE, f"the device inventory is {age:.0f} s old")
        return PostureAnswer(
            snapshot.devices.get(udid.lower()) or self._found.get(udid.lower()), snapshot.revision, age
        )

    @property
    def revision(self) -> int:
        """The number of the snapshot that counts now; 0 before the first."""
        return 0 if self._snapshot is None else self._snapshot.revision

    def status(self) -> PostureStatus:
        snapshot = self._snapshot
        if snapshot is None:
            return PostureStatus("unavailable", 0, 0, None, None, self._error)
        state = "fresh" if self._monotonic() - snapshot.started <= self._max_age else "stale"
        return PostureStatus(
            state, snapshot.revision, len(snapshot.devices), snapshot.started_at, snapshot.finished_at, self._error
        )

    async def _look_up(self, udid: str, revision: int) -> PostureAnswer:
        """One question for all who ask about the same device at the same time."""
        task = self._look_ups.get(udid)
        if task is None:
            task = asyncio.ensure_future(self._ask(udid, revision))
            self._look_ups[udid] = task
            task.add_done_callback(lambda _: self._look_ups.pop(udid, None))
        return await asyncio.shield(task)

    async def _ask(self, udid: str, revision: int) -> PostureAnswer:
        started = self._monotonic()
        try:
            device: DevicePosture | None = await self._client.device(udid)
        except UemError as error:
            raise RefusalError(Reason.POSTURE_UNAVAILABLE, "the UEM could not be asked about the device") from error
        if device is None:
            self._remember_unknown(udid)
        else:
            self._found[device.udid] = device
        return PostureAnswer(device, revision, self._monotonic() - started)

    def _remember_unknown(self, udid: str) -> None:
        if len(self._unknown_until) >= MAX_REMEMBERED:
            self._unknown_until.clear()
        self._unknown_until[udid.lower()] = self._monotonic() + UNKNOWN_FOR

    async def close(self) -> None:
        for task in list(self._look_ups.values()):
            task.cancel()
            with suppress(asyncio.CancelledError, RefusalError):
                await task
        await self._client.close()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
