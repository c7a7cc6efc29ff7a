"""A gateway that is there at once: a process that has imported the program already forks for each world.

The program and its process are as ever; what is saved is importing it anew, which is most of what its start takes. For
those who start one world after the other; everybody else starts the program as its users do.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Final

from lab.process import die_with_parent, end

_CONTEXT: Final = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tunnel_gateway.cli", "tunnel_gateway.commands.run", "lab.warm_start"])


class Forked:
    """A forked program, with the face of asyncio's processes."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        assert process.pid is not None
        self.pid: Final = process.pid

    @property
    def returncode(self) -> int | None:
        """None while it runs; the number of the signal, negative, where one ended it."""
        return self._process.exitcode

    def terminate(self) -> None:
        """Send SIGTERM."""
        self._process.terminate()

    async def wait(self) -> int:
        """Until it has ended; its exit code."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._process.sentinel, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        code = self.returncode
        assert code is not None
        return code


@contextlib.asynccontextmanager
async def forked_gateway(arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> AsyncIterator[Forked]:
    """`tunnel-gateway` with `arguments`, beside this process; what it writes goes to `log` (0600). Ended on exit."""
    process = _CONTEXT.Process(target=_become_gateway, args=(tuple(arguments), dict(environment), log), daemon=True)
    # The first one waits until the program has been imported.
    starting = asyncio.ensure_future(asyncio.to_thread(_start, process))
    try:
        await asyncio.shield(starting)
        yield Forked(process)
    finally:
        await starting
        await end(Forked(process))


def _start(process: ForkServerProcess) -> None:
    """In a thread of its own. What that blocks the process inherits that forks: Ctrl-C reaches everything in the
    terminal's foreground, and it must not end before the worlds have."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _become_gateway(arguments: tuple[str, ...], environment: dict[str, str], log: Path) -> None:
    """In the child: a session, an environment and a log of its own, and then the program's own beginning."""
    from tunnel_gateway.__main__ import main  # noqa: PLC0415

    os.setsid()
    die_with_parent()
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    silence = os.open(os.devnull, os.O_RDONLY)
    for descriptor, place in ((silence, 0), (written, 1), (written, 2)):
        os.dup2(descriptor, place)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["tunnel-gateway", *arguments]
    main()
