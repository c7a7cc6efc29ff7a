"""Programs beside the lab: started, watched, and gone when the lab is."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from lab.process import ProgramFailedError, background, run, until

pytestmark = pytest.mark.anyio

STUBBORN = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(sys.argv[1], "w").close()
time.sleep(60)
"""
PARENT = """
import asyncio, os, sys
from pathlib import Path
from lab.process import background, until
async def main():
    log = Path(sys.argv[1])
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
    async with background(sleeper, os.environ, log) as process:
        print(process.pid, flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def alive(pid: int) -> bool:
    """Whether a process still runs; a zombie that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_a_run_returns_code_and_both_streams() -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    result = await run([sys.executable, "-c", code], os.environ, 20)
    assert (result.code, result.out, result.err) == (3, "out\n", "err\n")


async def test_a_program_that_does_not_exist_is_named() -> None:
    with pytest.raises(ProgramFailedError, match="no-such-program"):
        await run(["/no-such-program"], os.environ, 20)


async def test_a_run_that_takes_too_long_is_ended() -> None:
    started = time.monotonic()
    with pytest.raises(ProgramFailedError, match="not ended"):
        await run([sys.executable, "-c", "import time; time.sleep(60)"], os.environ, 0.2)
    assert time.monotonic() - started < 10


async def test_a_program_that_ends_early_is_told_with_its_own_words(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = "import sys; sys.exit('the port is taken')"
    async with background([sys.executable, "-c", code], os.environ, log) as process:
        with pytest.raises(ProgramFailedError, match="code 1\nthe port is taken"):
            await until(lambda: False, process, log, patience=20, what="it has not started")


async def test_a_condition_that_does_not_come_ends_the_wait(tmp_path: Path) -> None:
    log = tmp_path / "log"
    async with background([sys.executable, "-c", "import time; time.sleep(60)"], os.environ, log) as process:
        with pytest.raises(ProgramFailedError, match="nothing after"):
            await until(lambda: False, process, log, patience=0.1, what="it has not started")


async def test_a_program_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    log, ready = tmp_path / "log", tmp_path / "ready"
    async with background([sys.executable, "-c", STUBBORN, str(ready)], os.environ, log) as process:
        await until(ready.exists, process, log, patience=20, what="it has not started")
        started = time.monotonic()
    assert time.monotonic() - started < 2
    assert process.returncode == -signal.SIGKILL


async def test_a_program_dies_with_a_lab_that_is_killed(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(tmp_path / "log"), stdout=asyncio.subprocess.PIPE, env=environment()
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    assert alive(child)
    parent.kill()
    await parent.wait()
    deadline = time.monotonic() + 10
    while alive(child) and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
    assert not alive(child)


def environment() -> dict[str, str]:
    """A child interpreter that finds what this one finds."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
