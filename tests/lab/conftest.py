from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest


@pytest.fixture
def program_environment(tmp_path: Path) -> dict[str, str]:
    """For programs that a test starts: they find what this interpreter finds, and leave their files in `tmp_path`."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(Path(entry).resolve()) for entry in sys.path))),
        "TMPDIR": str(temporary),
        "COLUMNS": "200",
    }
