"""`tunnel-lab up` as a process, and a session at its console."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

WITHIN = 60.0
"""Seconds for a whole world to start, or to end, on a busy machine."""


@dataclass
class RunningLab:
    """The process, and what it said when everything was there."""

    process: subprocess.Popen[str]
    said: dict[str, Any]
    directory: Path

    @property
    def url(self) -> str:
        return str(self.said["console"])

    def next_line(self) -> dict[str, Any]:
        """The next thing that it says."""
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found

    def new_link(self) -> str:
        """A link that nobody has used yet: using one makes the lab tell the next."""
        link, self.said["link"] = self.said["link"], ""
        return str(link)

    @contextlib.contextmanager
    def session(self) -> Iterator[httpx.Client]:
        """What a browser has after it has opened the link."""
        with httpx.Client(base_url=self.url, timeout=WITHIN, trust_env=False) as client:
            assert client.get(self.new_link()).status_code == 303
            self.said["link"] = self.next_line()["link"]
            yield client


@contextlib.contextmanager
def running_lab(directory: Path) -> Iterator[RunningLab]:
    """Start it; at the end Ctrl-C ends it in order, and nothing of it stays in `directory`."""
    with (directory / "said.txt").open("w") as complaints:
        process = subprocess.Popen(
            [sys.executable, "-m", "lab", "up", "--json"],
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            env=_environment(directory),
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, (directory / "said.txt").read_text()
        yield RunningLab(process, json.loads(line), directory)
        process.send_signal(signal.SIGINT)
        assert process.wait(WITHIN) == 0, (directory / "said.txt").read_text()
        assert [path.name for path in directory.iterdir()] == ["said.txt"]
    finally:
        process.kill()
        process.communicate()


def _environment(directory: Path) -> Mapping[str, str]:
    found = os.pathsep.join(filter(None, (str(Path(entry).resolve()) for entry in sys.path)))
    return {**os.environ, "PYTHONPATH": found, "TMPDIR": str(directory)}
