"""Play several scenarios, some at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from lab.record import Run
from lab.runner.playing import Watcher, play
from lab.runner.reading import Scenario


async def play_all(scenarios: Sequence[Scenario], watcher: Watcher, jobs: int) -> tuple[Run, ...]:
    """The records in the order of `scenarios`; at most `jobs` worlds run at once."""
    free = asyncio.Semaphore(jobs)

    async def one(scenario: Scenario) -> Run:
        async with free:
            return await play(scenario, watcher)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(scenario)) for scenario in scenarios]
    return tuple(task.result() for task in tasks)
