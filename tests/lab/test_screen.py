"""Where nobody reads any more what the lab prints."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lab.commands.screen import screen


def test_a_closed_pipe_is_an_error_that_work_can_end_by(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """rich itself would end the process here, also in the middle of a world that has to be taken down."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as closed:
        monkeypatch.setattr("sys.stdout", closed)
        with pytest.raises(BrokenPipeError):
            screen().print("Nobody reads this.")
        os.dup2(os.open(tmp_path / "rest", os.O_WRONLY | os.O_CREAT), write)  # what is left over goes somewhere
