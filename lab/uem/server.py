"""The tenant, listening, with its clock ticking: what is due is carried out by itself."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Final, Self

import httpx

from lab.authority import Credential
from lab.https_server import HttpsServer
from lab.network import listening_socket
from lab.uem.app import create_app
from lab.uem.knobs import Outage
from lab.uem.tenant import Tenant

TICK: Final = 0.1
"""Seconds between two looks at what is due, in real time."""


class UemServer:
    """`async with UemServer(tenant, address=…, credential=…, trust=…) as server:` serves at `server.url`.

    `trust` is what the tenant believes of the receivers of its events. While the knob says that connections are
    refused nobody listens; afterwards the same port is back. Raises OSError on entry when the address cannot be had.
    """

    def __init__(
        self,
        tenant: Tenant,
        *,
        address: str,
        credential: Credential,
        trust: ssl.SSLContext,
        port: int = 0,
        listen: Callable[[str, int], socket.socket] = listening_socket,
    ) -> None:
        self._tenant = tenant
        self._server = HttpsServer(create_app(tenant), address=address, credential=credential, port=port, listen=listen)
        transport = httpx.AsyncHTTPTransport(verify=trust, local_address=address)
        self.way_out: Final = httpx.AsyncClient(transport=transport, trust_env=False)
        """How the tenant reaches others: from its own address."""
        self._is_open = False
        self._door = asyncio.Lock()
        self._ticking: list[asyncio.Task[None]] = []

    @property
    def url(self) -> str:
        """`https://ADDRESS:PORT`, without a slash at the end."""
        return self._server.url

    @property
    def port(self) -> int:
        return self._server.port

    async def __aenter__(self) -> Self:
        await self._open()
        self._tenant.events.http = self.way_out
        loop = asyncio.get_running_loop()
        self._ticking = [loop.create_task(_tick(each)) for each in (self.follow_knobs, self._tenant.run_due)]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._ticking:
            task.cancel()
        for task in self._ticking:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tenant.events.http = None
        await self.way_out.aclose()
        await self._close()

    async def follow_knobs(self) -> None:
        """Open or close the door as the tenant's knobs have it; done by itself a moment after they were turned."""
        if self._tenant.knobs.outage is Outage.REFUSED:
            await self._close()
        else:
            await self._open()

    async def _open(self) -> None:
        async with self._door:
            if not self._is_open:
                await self._server.__aenter__()
                self._is_open = True

    async def _close(self) -> None:
        async with self._door:
            if self._is_open:
                self._is_open = False
                await self._server.__aexit__(None, None, None)


async def _tick(act: Callable[[], Awaitable[None]]) -> None:
    """Act again and again. Events that nobody takes hold up other events, not the door."""
    while True:
        await asyncio.sleep(TICK)
        await act()
