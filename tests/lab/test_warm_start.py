"""A forked gateway is the program as its users start it: its arguments, environment, log, exit code, and its end."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import pytest

from lab.process import ProgramFailedError, until
from lab.warm_start import forked_gateway

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_it_has_arguments_a_log_of_its_own_and_an_exit_code(tmp_path: Path) -> None:
    log = tmp_path / "gateway.log"
    async with forked_gateway(["--version"], dict(os.environ), log) as process:
        assert await process.wait() == 0
    assert log.read_text().startswith("tunnel-gateway ")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


async def test_how_it_ended_is_known_to_those_who_wait_for_something_else(tmp_path: Path) -> None:
    log, config = tmp_path / "gateway.log", tmp_path / "none.yaml"
    async with forked_gateway(["run", "--config", str(config)], dict(os.environ), log) as process:
        with pytest.raises(ProgramFailedError, match=f"it ended with code 2\n{config}:1:1: cannot read this file"):
            await until(lambda: False, process, log, patience=20, what="it has not started")


async def test_many_at_once_do_not_meet(tmp_path: Path) -> None:
    async def ask(number: int) -> tuple[int, str]:
        log = tmp_path / f"{number}.log"
        async with forked_gateway(["check", "--config", f"{number}.yaml"], dict(os.environ), log) as process:
            return await process.wait(), log.read_text()

    found = await asyncio.gather(*map(ask, range(4)))
    assert [code for code, _ in found] == [2, 2, 2, 2]
    assert [words.partition(":")[0] for _, words in found] == ["0.yaml", "1.yaml", "2.yaml", "3.yaml"]


async def test_one_that_runs_is_ended(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.yaml")  # nobody writes: it waits for ever
    arguments = ["run", "--config", str(tmp_path / "config.yaml")]
    async with forked_gateway(arguments, dict(os.environ), tmp_path / "gateway.log") as process:
        assert process.returncode is None
        pid = process.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
