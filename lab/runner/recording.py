"""Records on disk, each as soon as its scenario has ended."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lab.authority import write_private
from lab.record import Check, Login, Run, Step, run_to_json
from lab.runner.playing import Watcher
from lab.runner.reading import Scenario


class Recording:
    """Writes NAME.json (0600) into `directory`; somebody else watches as before."""

    def __init__(self, watcher: Watcher, directory: Path) -> None:
        self._watcher = watcher
        self._directory = directory

    def begins(self, scenario: Scenario) -> None:
        self._watcher.begins(scenario)

    def step(self, scenario: Scenario, number: int, words: str) -> None:
        self._watcher.step(scenario, number, words)

    def done(self, scenario: Scenario, step: Step, logins: Iterable[Login], checks: Iterable[Check]) -> None:
        self._watcher.done(scenario, step, logins, checks)

    def ended(self, scenario: Scenario, run: Run) -> None:
        """Raises OSError where the record cannot be written."""
        write_private(self._directory / f"{run.scenario}.json", run_to_json(run).encode())
        self._watcher.ended(scenario, run)
