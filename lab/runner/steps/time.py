"""Time."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from pydantic import ConfigDict, RootModel

from dtr_rules.source import Duration
from lab.runner.stage import Done, Stage


class Wait(RootModel[Duration]):
    """Real time: for the gateway and the zone controller, which live by it, and only where it is short."""

    model_config = ConfigDict(frozen=True)

    def words(self) -> str:
        return f"{self.root:g} seconds of real time pass"

    async def do(self, _stage: Stage) -> Done:
        await asyncio.sleep(self.root)
        return Done()


class Advance(RootModel[Duration]):
    """The emulated services' clock is put forward; nobody waits."""

    model_config = ConfigDict(frozen=True)

    def words(self) -> str:
        return f"{timedelta(seconds=self.root)} pass"

    async def do(self, stage: Stage) -> Done:
        await stage.operations.advance(timedelta(seconds=self.root))
        return Done()
