"""The proxy's listener: a loopback port, its connections, its PAC file."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Collection
from functools import partial
from types import TracebackType
from typing import Final, Self

import h11

from dtr_rules.formats.pac import NotInPacError
from lab.device.apps import App
from lab.device.device import Device
from lab.device.proxy import pac
from lab.device.proxy.answers import Answer, text
from lab.device.proxy.connection import Connection
from lab.device.routing import Path

BACKLOG: Final = 512
PAC_PATH: Final = "/proxy.pac"


class NotLoopbackError(ValueError):
    """The proxy asks nobody for a password: it listens where only this machine can come."""


def loopback_socket(address: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """A socket for the proxy to listen on; port 0 picks a free one.

    Raises NotLoopbackError for an IP address that other machines can reach, ValueError for what is none, OSError when
    the port cannot be had.
    """
    found = ipaddress.ip_address(address)
    if not found.is_loopback:
        raise NotLoopbackError(f"{address} can be reached from other machines; listen on a loopback address")
    family = socket.AF_INET6 if found.version == 6 else socket.AF_INET
    return socket.create_server((address, port), family=family, backlog=BACKLOG)


class DeviceProxy:
    """`async with` serves the `listener`, and ends it and every connection on exit.

    `app` is who the programs behind the proxy are.
    """

    def __init__(self, device: Device, app: App, listener: socket.socket) -> None:
        self._device = device
        self._app = app
        self._listener = listener
        self._address, self._port = listener.getsockname()[:2]
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[None], Connection] = {}

    @property
    def endpoint(self) -> str:
        """`host:port`, as programs are told it."""
        return f"[{self._address}]:{self._port}" if ":" in self._address else f"{self._address}:{self._port}"

    @property
    def url(self) -> str:
        return f"http://{self.endpoint}"

    @property
    def pac_url(self) -> str:
        return f"{self.url}{PAC_PATH}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, sock=self._listener, backlog=BACKLOG)
        self._device.cutters.append(self._cut)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._device.cutters.remove(self._cut)
        if self._server is not None:
            self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer, partial(self._device.connections_of, self._app.id), self._own)
        task = asyncio.ensure_future(_served(connection, writer))
        self._open[task] = connection
        task.add_done_callback(self._open.pop)

    def _cut(self, ways: Collection[Path]) -> None:
        """End the connections that go these ways, and those that are being opened by what was true before."""
        for task, connection in list(self._open.items()):
            if connection.is_connecting or connection.way in ways:
                task.cancel()

    def _own(self, request: h11.Request) -> Answer:
        """What this server itself is asked for: the PAC file, by nobody but a program of this machine (DESIGN 4.7)."""
        fields = {name: value.decode("latin-1") for name, value in request.headers}
        if fields.get(b"host", "").lower() not in (self.endpoint, f"localhost:{self._port}") or b"origin" in fields:
            return text(421, "this is the proxy of a lab's device; it answers to its own name only")
        if request.method not in (b"GET", b"HEAD") or request.target.partition(b"?")[0] != PAC_PATH.encode():
            return text(404, f"this is the proxy of a lab's device; it has {PAC_PATH} and nothing else")
        try:
            script = pac.pac_file(self._device, self._app, self.endpoint)
        except NotInPacError as error:
            return text(501, f"the installed rules cannot be said in a PAC file: {error}")
        return Answer(200, pac.CONTENT_TYPE, script.encode())


async def _served(connection: Connection, writer: asyncio.StreamWriter) -> None:
    try:
        await connection.serve()
    finally:
        if connection.is_over:
            writer.close()
        else:
            writer.transport.abort()
        if connection.far is not None:
            await connection.far.aclose()
