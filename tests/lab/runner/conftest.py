from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from lab.record import Check, Login, Run, Step
from lab.runner.reading import Scenario


class Silent:
    """Nobody is told."""

    def begins(self, scenario: Scenario) -> None: ...

    def step(self, scenario: Scenario, number: int, words: str) -> None: ...

    def done(self, scenario: Scenario, step: Step, logins: Iterable[Login], checks: Iterable[Check]) -> None: ...

    def ended(self, scenario: Scenario, run: Run) -> None: ...


@pytest.fixture
def silent() -> Silent:
    return Silent()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where worlds leave their files, and where none may be left."""
    place = tmp_path / "worlds"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place
