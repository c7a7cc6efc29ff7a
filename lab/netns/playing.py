"""Scenarios in namespaces, one after the other: this process can be in one place at a time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from lab.netns.evidence import Evidence
from lab.netns.running import in_namespaces
from lab.record import Run
from lab.runner.playing import Watcher, play
from lab.runner.reading import Scenario


async def play_in_namespaces(
    scenarios: Sequence[Scenario], watcher: Watcher, captures: Path | None
) -> tuple[tuple[Run, Evidence], ...]:
    """The records with their evidence; captures go to a directory a scenario below `captures`.

    Raises as `in_namespaces` does.
    """
    return tuple(
        [
            await in_namespaces(
                partial(play, scenario, watcher), None if captures is None else captures / scenario.name
            )
            for scenario in scenarios
        ]
    )
