"""The benchmarks run. How fast they are is for a quiet machine to say, so nothing is asserted of that here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

BENCH = Path(__file__).parent
ROOT = BENCH.parents[1]


@pytest.mark.parametrize("script", ["connect", "decide.py", "load.py", "whole_set.py", "zone_plan.py"])
def test_a_benchmark_runs_at_a_tiny_size(script: str) -> None:
    command = [sys.executable, "-W", "error", str(BENCH / script), "--tiny"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)
    assert ran.returncode == 0, ran.stderr
    assert "a dict look-up" in ran.stdout
    assert "target" in ran.stdout
