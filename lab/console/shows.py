"""Scenarios that a page has played: one at a time, each in a world of its own, so that the page's own is left alone."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Iterable
from typing import Any, Final

from lab.console.event_log import EventLog
from lab.console.view import run_view
from lab.record import Check, Login, Run, Step
from lab.runner.choosing import own_scenarios, read_all
from lab.runner.playing import play
from lab.runner.reading import Scenario, read_scenario


class ShowUnknownError(LookupError):
    """There is no scenario of that name."""


class ShowRunningError(Exception):
    """One is played already."""


class Shows:
    """The lab's own scenarios, and the last run of each."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._running: asyncio.Task[None] | None = None
        self._paths: Final = own_scenarios()
        self.runs: Final[dict[str, Run]] = {}

    @functools.cached_property
    def view(self) -> list[dict[str, Any]]:
        """Every scenario with its title and what a person learns. Reading them all takes a second."""
        found = read_all(self._paths.values())
        return [{"name": each.name, "title": each.content.title, "learn": list(each.content.learn)} for each in found]

    def start(self, name: str) -> None:
        """Have one played; pages hear of it. Raises ShowUnknownError and ShowRunningError."""
        if name not in self._paths:
            raise ShowUnknownError
        if self._running is not None and not self._running.done():
            raise ShowRunningError
        self._running = asyncio.ensure_future(self._play(read_scenario(self._paths[name])))
        self._running.add_done_callback(functools.partial(self._tell_of_breakdown, name))

    async def end(self) -> None:
        """End the one that is played, with its world."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _play(self, scenario: Scenario) -> None:
        self.runs[scenario.name] = await play(scenario, self)

    def _tell_of_breakdown(self, name: str, task: asyncio.Task[None]) -> None:
        """A scenario that cannot be played has a record which says so; this is for what nobody foresaw."""
        if task.cancelled() or (error := task.exception()) is None:
            return
        words = f"broke down: {type(error).__name__}"
        self._log.tell("scenario", {"name": name, "title": name, "step": 0, "words": words})
        context = {"message": f"the scenario {name} {words}", "exception": error, "task": task}
        asyncio.get_running_loop().call_exception_handler(context)

    # --- lab.runner.playing.Watcher -----------------------------------------------------------------

    def begins(self, scenario: Scenario) -> None:
        self._log.tell("scenario", {"name": scenario.name, "title": scenario.content.title, "step": 0, "words": ""})

    def step(self, scenario: Scenario, number: int, words: str) -> None:
        self._log.tell(
            "scenario", {"name": scenario.name, "title": scenario.content.title, "step": number, "words": words}
        )

    def done(self, scenario: Scenario, step: Step, logins: Iterable[Login], checks: Iterable[Check]) -> None: ...

    def ended(self, scenario: Scenario, run: Run) -> None:
        self.runs[scenario.name] = run
        self._log.tell("run", run_view(run))
