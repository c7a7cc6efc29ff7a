"""A gateway that is there at once: a process that has imported the program already forks for each world.

The program and its process are as ever; what is saved is importing it anew, which is most of what its start takes. For
those who start one world after the other; everybody else starts the program as its users do.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab.process import ProgramFailedError, end

_ONE_AT_A_TIME: Final = threading.Lock()
_PATIENCE: Final = 5.0
"""Seconds that the process that forks gets to end, when this one does."""


@dataclass(slots=True)
class Forked:
    """A forked gateway, with the face of asyncio's processes. `pipe` is where its exit code will be written."""

    pid: int
    pipe: int
    returncode: int | None = None

    def terminate(self) -> None:
        """Send SIGTERM."""
        os.kill(self.pid, signal.SIGTERM)

    async def watch(self) -> None:
        """Keep `returncode` right, until it has ended."""
        loop, readable = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self.pipe, readable.set)
        try:
            await readable.wait()
        finally:
            loop.remove_reader(self.pipe)
        self.returncode = int(os.read(self.pipe, 32) or -signal.SIGKILL)

    async def wait(self) -> int:
        """Until it has ended; its exit code."""
        if self.returncode is None:
            await self.watch()
        assert self.returncode is not None
        return self.returncode


@contextlib.asynccontextmanager
async def forked_gateway(arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> AsyncIterator[Forked]:
    """`tunnel-gateway` with `arguments`, beside this process; what it writes goes to `log` (0600). Ended on exit."""
    message = json.dumps({"arguments": list(arguments), "environment": dict(environment), "log": str(log)})
    # The first one waits until the program has been imported.
    starting = asyncio.ensure_future(asyncio.to_thread(_fork, message.encode()))
    try:
        forked = await asyncio.shield(starting)
        watching = asyncio.ensure_future(forked.watch())
        try:
            yield forked
        finally:
            watching.cancel()
            await asyncio.wait({watching})
    finally:
        forked = await starting
        await end(forked)
        os.close(forked.pipe)


def _fork(message: bytes) -> Forked:
    """In a thread of its own: this waits."""
    reader, writer = os.pipe()
    try:
        socket.send_fds(_forker(), [message], [writer])
    finally:
        os.close(writer)
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(reader, 1)
        if not part:
            os.close(reader)
            raise ProgramFailedError("tunnel-gateway could not be forked: the process that does it has ended")
        line += part
    return Forked(int(line), reader)


def _forker() -> socket.socket:
    with _ONE_AT_A_TIME:
        return _start()


@functools.cache
def _start() -> socket.socket:
    """Start the process that forks, once; what to ask it over.

    Ctrl-C reaches everything in the terminal's foreground, and that process must not end before the worlds have: what
    this thread blocks it inherits.
    """
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process = subprocess.Popen([sys.executable, "-m", "lab.forker"], stdin=there.fileno())
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        there.close()

    def stop() -> None:
        here.close()
        process.wait(_PATIENCE)

    atexit.register(stop)
    return here
