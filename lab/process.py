"""The project's programs as processes of their own, started the way a user starts them.

A child gets a session of its own, so that Ctrl-C reaches the lab alone and the lab ends its children in
order; and the kernel ends it when the lab dies without having had the time.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

PR_SET_PDEATHSIG: Final = 1  # prctl(2)
END_WITHIN: Final = 1.2
"""Seconds that a child gets to end after SIGTERM, before SIGKILL."""
LOOK_EVERY: Final = 0.02
"""Seconds between two looks at a condition outside this process."""


class ProgramFailedError(Exception):
    """A program could not be started, ended too early, or ended badly; its own words are in the text."""


class Program(Protocol):
    """A program that runs beside this one."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None:
        """None while it runs."""

    def terminate(self) -> None:
        """Send SIGTERM. Raises ProcessLookupError where it has ended."""

    async def wait(self) -> int:
        """Until it has ended; its exit code."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a program ended."""

    code: int
    out: str
    err: str


def command(program: str, package: str) -> list[str]:
    """How to start a program of this project: the console script beside this interpreter, or its module."""
    script = Path(sys.executable).parent / program
    return [str(script)] if script.exists() else [sys.executable, "-m", package]


async def run(arguments: Sequence[str], environment: Mapping[str, str], patience: float) -> Result:
    """Run a program to its end. Raises ProgramFailedError when it takes longer than `patience` seconds."""
    process = await _start(arguments, environment, asyncio.subprocess.PIPE, asyncio.subprocess.PIPE)
    try:
        async with asyncio.timeout(patience):
            out, err = await process.communicate()
    except TimeoutError:
        raise ProgramFailedError(f"{arguments[0]} has not ended within {patience:g} s") from None
    finally:
        await end(process)
    assert process.returncode is not None
    return Result(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))


@contextlib.asynccontextmanager
async def background(arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> AsyncIterator[Program]:
    """A program that runs beside this one; what it writes goes to `log` (0600). Ended on exit."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        process = await _start(arguments, environment, descriptor, descriptor)
    finally:
        os.close(descriptor)
    try:
        yield process
    finally:
        await end(process)


async def until(condition: Callable[[], bool], process: Program, log: Path, *, patience: float, what: str) -> None:
    """Wait for a condition that `process` brings about.

    Raises ProgramFailedError when the process ends before, or after `patience` seconds.
    """
    deadline = asyncio.get_running_loop().time() + patience
    while not condition():
        if process.returncode is not None:
            raise ProgramFailedError(f"{what}: it ended with code {process.returncode}\n{_tail(log)}")
        if asyncio.get_running_loop().time() > deadline:
            raise ProgramFailedError(f"{what}: nothing after {patience:g} s\n{_tail(log)}")
        await asyncio.sleep(LOOK_EVERY)


async def end(process: Program) -> None:
    """End a process and wait for it: SIGTERM first, SIGKILL to the whole session if that is not enough."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(END_WITHIN):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _start(
    arguments: Sequence[str], environment: Mapping[str, str], out: int, err: int
) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=dict(environment),
            start_new_session=True,
            preexec_fn=_dying_with(os.getpid()),
        )
    except OSError as error:
        raise ProgramFailedError(f"{arguments[0]} cannot be started: {error.strerror}") from error


def die_with_parent() -> None:
    """Ask for SIGTERM at the death of this process's parent. Linux only."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _dying_with(parent: int) -> Callable[[], None]:
    """What a child of `parent` does before it becomes the program."""

    def ask() -> None:
        die_with_parent()
        if os.getppid() != parent:  # it died between the fork and the line above
            os._exit(1)

    return ask


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:])
