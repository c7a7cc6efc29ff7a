"""Every scenario of the lab, played for real: each observer wrote down what the file says."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from lab.record import run_from_json, run_to_json
from lab.runner.choosing import own_scenarios
from lab.runner.playing import Watcher, play
from lab.runner.reading import read_scenario

pytestmark = pytest.mark.once


@pytest.mark.parametrize("path", [pytest.param(path, id=name) for name, path in own_scenarios().items()])
def test_it_comes_out_as_the_file_says(path: Path, silent: Watcher, temporary: Path) -> None:
    run = asyncio.run(play(read_scenario(path), silent))
    assert run.failure == ""
    assert [str(check) for check in run.unmet] == []
    assert run.checks
    assert list(temporary.iterdir()) == []
    assert run_from_json(run_to_json(run), "record") == run
