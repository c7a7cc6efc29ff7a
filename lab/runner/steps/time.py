"""Time."""

from __future__ import annotations

from datetime import timedelta

from pydantic import RootModel

from dtr_rules.source import Duration
from lab.runner.stage import Done, Stage


class Advance(RootModel[Duration]):
    """The emulated services' clock is put forward; nobody waits."""

    def words(self) -> str:
        return f"{timedelta(seconds=self.root)} pass"

    async def do(self, stage: Stage) -> Done:
        stage.operations.advance(timedelta(seconds=self.root))
        return Done()
