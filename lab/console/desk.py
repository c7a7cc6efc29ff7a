"""Where pages' wishes are carried out, one after the other: two logins at once could not be told apart in the logs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from lab.console.event_log import EventLog
from lab.console.memory import Memory
from lab.console.view import login_view, step_view, world_view
from lab.console.visits import Visits
from lab.list_history import ListHistory
from lab.operations import Operations
from lab.process import ProgramFailedError
from lab.record import Login, Step
from lab.runner.format import Step as Wish
from lab.runner.playing import NOT_DONE, words_of
from lab.runner.stage import Done, Stage

WAITING: Final = 8
"""Wishes that may wait for their turn."""
LOOK_EVERY: Final = 1.0
"""Seconds between two looks at what happens by itself: in the lists, whose changes come into force, and at devices."""


class BusyError(Exception):
    """Too much waits already."""


class NotDoneError(Exception):
    """The world did not do it; the words are those of whoever said no."""


class Desk:
    """One world's."""

    def __init__(self, operations: Operations, log: EventLog, memory: Memory) -> None:
        self._operations = operations
        self._log = log
        self._memory = memory
        self._lists: Final = ListHistory(operations)
        self._visits: Final = Visits(operations)
        self._stage: Final = Stage(operations, Path())
        self._turn: Final = asyncio.Lock()
        self._waiting = 0
        self._number = 0

    async def play(self, wish: Wish) -> dict[str, Any]:
        """Do one step; what came of it. Raises BusyError and NotDoneError."""
        if self._waiting >= WAITING:
            raise BusyError
        self._waiting += 1
        try:
            async with self._turn:
                return await self._play(wish)
        finally:
            self._waiting -= 1

    async def _play(self, wish: Wish) -> dict[str, Any]:
        await self._tell_visits()
        self._number += 1
        words = wish.action.words()
        self._operations.logins.step = self._number
        clock, began = self._operations.world.clock.now(), time.monotonic()
        self._log.tell("busy", {"words": words})
        try:
            done, failure = await self._done(wish)
            written = Step(
                number=self._number,
                words=words,
                place="",
                clock=clock,
                seconds=round(time.monotonic() - began, 3),
                said=(failure,) if failure else done.said,
            )
            self._memory.steps.append(written)
            self._tell_logins(done.logins)
            self._visits.begin_anew()
            self._log.tell("step", {**step_view(written), "failed": bool(failure)})
            await self.look()
        finally:
            self._log.tell("busy", {"words": ""})
        if failure:
            raise NotDoneError(failure)
        return {"step": step_view(written), "logins": [login_view(each) for each in done.logins]}

    async def _done(self, wish: Wish) -> tuple[Done, str]:
        """What the step did, and what kept it from that."""
        try:
            return await wish.action.do(self._stage), ""
        except NOT_DONE as error:
            return Done(), words_of(error)

    async def look(self) -> None:
        """Write down what is new in the lists, and tell the world as it is."""
        self._memory.zones.extend(self._lists.look(self._number))
        self._log.tell("world", await world_view(self._operations))

    async def watch(self) -> None:
        """Tell of what happens by itself or by programs behind proxies, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if self._turn.locked():
                continue
            async with self._turn:
                if self._visits.has_settled:
                    await self._tell_visits()
                if found := self._lists.look(self._number):
                    self._memory.zones.extend(found)
                    self._log.tell("world", await world_view(self._operations))

    async def _tell_visits(self) -> None:
        if not self._visits.has_news:
            return
        try:
            self._tell_logins(await self._visits.collect())
        except ProgramFailedError:  # the gateway has not written everything down yet; the next look finds it
            return

    def _tell_logins(self, logins: Iterable[Login]) -> None:
        for login in logins:
            self._memory.logins.append(login)
            self._log.tell("login", login_view(login))
