"""Play several scenarios, some at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from lab.record import Run
from lab.runner.playing import Watcher, play
from lab.runner.reading import Scenario


async def play_all(scenarios: Sequence[Scenario], watcher: Watcher, jobs: int) -> tuple[Run, ...]:
    """The records in the order of `scenarios`; at most `jobs` worlds run at once.

    Raises what the watcher raises, with nothing left running.
    """
    free = asyncio.Semaphore(jobs)

    async def one(scenario: Scenario) -> Run:
        async with free:
            return await play(scenario, watcher)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(scenario)) for scenario in scenarios]
    except ExceptionGroup as failed:  # the first one ended all others
        raise failed.exceptions[0] from None
    return tuple(task.result() for task in tasks)
