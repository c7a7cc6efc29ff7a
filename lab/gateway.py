"""The gateway of the lab's world: the real program, with a configuration file of the lab, as a process of its own."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from lab.configuration import Directory
from lab.process import background, command, until

START_WITHIN = 20.0
"""Seconds; a busy machine takes its time to import everything."""


@dataclass(frozen=True, slots=True)
class RunningGateway:
    """Where the gateway listens, by its own word."""

    address: str
    port: int
    admin_url: str
    events_url: str
    pid: int


@contextlib.asynccontextmanager
async def run_gateway(directory: Directory, environment: Mapping[str, str]) -> AsyncIterator[RunningGateway]:
    """`tunnel-gateway run` until exit. Raises ProgramFailedError, with the program's words, if it does not start."""
    start = [*command("tunnel-gateway", "tunnel_gateway"), "run", "--config", str(directory.gateway)]
    async with background(start, environment, directory.gateway_log) as process:
        await until(
            directory.ready.exists,
            process,
            directory.gateway_log,
            patience=START_WITHIN,
            what="tunnel-gateway has not started",
        )
        ready = json.loads(directory.ready.read_text(encoding="utf-8"))
        address, _, port = ready["listen"].rpartition(":")
        yield RunningGateway(address, int(port), ready["admin"], f"http://{ready['events']}/", ready["pid"])
