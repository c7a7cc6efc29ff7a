"""The gateway of the lab's world: the real program, with a configuration file of the lab, as a process of its own."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab.configuration import Directory
from lab.network import Network
from lab.process import Program, background, command, until

Launch = Callable[[Sequence[str], Mapping[str, str], Path], AbstractAsyncContextManager[Program]]
"""Starts `tunnel-gateway` with arguments and an environment, its words into a log; ended on exit."""

START_WITHIN = 20.0
"""Seconds; a busy machine takes its time to import everything."""
SOCKET_HOST: Final = "http://localhost"
"""What stands in URLs where the admin endpoint is a Unix socket, whose name no URL can hold."""


@dataclass(frozen=True, slots=True)
class RunningGateway:
    """Where the gateway listens, by its own word."""

    address: str
    port: int
    admin_url: str
    """As other programs are told it: `http://127.0.0.1:PORT`, or `unix:///PATH`."""
    events_url: str
    pid: int

    @property
    def admin_socket(self) -> str | None:
        """The path of the admin endpoint where that is a Unix socket."""
        return self.admin_url.removeprefix("unix://") if self.admin_url.startswith("unix://") else None

    @property
    def admin_web(self) -> str:
        """The admin endpoint as an HTTP client writes it; one with a Unix socket needs `admin_socket`, too."""
        return self.admin_url if self.admin_socket is None else SOCKET_HOST


def launched_in(network: Network) -> Launch:
    """The program as its users start it, as the party that has its address in `network`."""

    def launch(
        arguments: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> AbstractAsyncContextManager[Program]:
        program = [*command("tunnel-gateway", "tunnel_gateway"), *arguments]
        return background(network.program(network.addresses.gateway, program), environment, log)

    return launch


@contextlib.asynccontextmanager
async def run_gateway(
    directory: Directory, environment: Mapping[str, str], network: Network, launch: Launch
) -> AsyncIterator[RunningGateway]:
    """`tunnel-gateway run` until exit, in `network`.

    Raises ProgramFailedError, with the program's words, if it does not start.
    """
    arguments = ["run", "--config", str(directory.gateway)]
    async with launch(arguments, environment, directory.gateway_log) as process:
        await until(
            directory.ready.exists,
            process,
            directory.gateway_log,
            patience=START_WITHIN,
            what="tunnel-gateway has not started",
        )
        ready = json.loads(directory.ready.read_text(encoding="utf-8"))
        address, _, port = ready["listen"].rpartition(":")
        admin = ready["admin"]
        if admin.startswith("unix:/") and not admin.startswith("unix://"):
            admin = f"unix://{admin.removeprefix('unix:')}"
        scheme = "https" if "tls" in network.events_endpoint() else "http"
        yield RunningGateway(address, int(port), admin, f"{scheme}://{ready['events']}/", ready["pid"])
