"""A fleet at work: processes of devices that are made ready, started together, and asked how it went."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from servers import Server
from surroundings import World

PROGRAM = Path(__file__).parent / "device.py"


class Fleet:
    """Prepared devices. `go` starts their job and waits for its outcomes; until the end, they hold what they hold."""

    def __init__(self, processes: Sequence[subprocess.Popen[str]]) -> None:
        self._processes = processes

    def start(self) -> None:
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()

    def outcomes(self) -> list[dict[str, Any]]:
        return [json.loads(_line(process)) for process in self._processes]

    def go(self) -> list[dict[str, Any]]:
        self.start()
        return self.outcomes()


@contextmanager
def fleet(
    world: World, server: Server, job: str, *, processes: int = 2, port: str = "answer", **details: Any
) -> Iterator[Fleet]:
    """`processes` of devices that each have their share of the fleet and do `job`, with its details, at `port`."""
    running = [_start(world, server, job, world.ports[port], share, processes, details) for share in range(processes)]
    try:
        for process in running:
            assert _line(process) == "ready\n"
        yield Fleet(running)
    finally:
        for process in running:
            process.communicate()


def _start(
    world: World, server: Server, job: str, port: int, share: int, shares: int, details: dict[str, Any]
) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, str(PROGRAM)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    order = {
        "job": job,
        "server": (server.address[0], port if server.is_direct else server.address[1]),
        "direct": server.is_direct,
        "target": f"{server.host}:{port}",
        "host": "acme.okta.com",
        "ca": str(world.servers_authority),
        "credentials": world.credentials[share::shares],
        "local": f"127.43.0.{share + 1}",
        "first": 0,
        **details,
    }
    assert process.stdin is not None
    process.stdin.write(json.dumps(order) + "\n")
    process.stdin.flush()
    return process


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "devices ended without an outcome"
    return line
