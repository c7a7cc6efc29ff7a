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
from pathlib import Path
from typing import Final

from lab.process import ProgramFailedError, end

_ONE_AT_A_TIME: Final = threading.Lock()
_PATIENCE: Final = 5.0
"""Seconds that the process that forks gets to end, when this one does."""


class Forked:
    """A forked gateway, with the face of asyncio's processes. `pipe` is where its exit code will be written."""

    def __init__(self, pid: int, pipe: int) -> None:
        self.pid: Final = pid
        self.pipe: Final = pipe
        self.returncode: int | None = None
        self._ended: asyncio.Event | None = None

    def terminate(self) -> None:
        """Send SIGTERM."""
        os.kill(self.pid, signal.SIGTERM)

    async def wait(self) -> int:
        """Until it has ended; its exit code."""
        if self._ended is not None:
            await self._ended.wait()
        assert self.returncode is not None
        return self.returncode

    def watch(self) -> None:
        """From now on `returncode` is right, in this event loop."""
        self._ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(self.pipe, self._read)

    def forget(self) -> None:
        """Nobody asks any more."""
        asyncio.get_running_loop().remove_reader(self.pipe)
        os.close(self.pipe)

    def _read(self) -> None:
        asyncio.get_running_loop().remove_reader(self.pipe)
        self.returncode = int(os.read(self.pipe, 32) or -signal.SIGKILL)
        assert self._ended is not None
        self._ended.set()


@contextlib.asynccontextmanager
async def forked_gateway(arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> AsyncIterator[Forked]:
    """`tunnel-gateway` with `arguments`, beside this process; what it writes goes to `log` (0600). Ended on exit."""
    message = json.dumps({"arguments": list(arguments), "environment": dict(environment), "log": str(log)})
    # The first one waits until the program has been imported.
    starting = asyncio.ensure_future(asyncio.to_thread(_fork, message.encode()))
    try:
        forked = await asyncio.shield(starting)
        forked.watch()
        yield forked
    finally:
        forked = await starting
        if forked.returncode is None:
            forked.watch()
        await end(forked)
        forked.forget()


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
    interpreter = [sys.executable, *(["-P"] if sys.flags.safe_path else [])]
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process = subprocess.Popen([*interpreter, "-m", "lab.forker"], stdin=there.fileno())
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        there.close()

    def stop() -> None:
        here.close()
        process.wait(_PATIENCE)

    atexit.register(stop)
    return here
