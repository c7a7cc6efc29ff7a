"""An ASGI application as a real HTTPS or HTTP server on an address of its own, inside the running event loop.

uvicorn does the HTTP; this module keeps it from taking the process's signals and from believing any header
about where a request came from: `scope["client"]` is the peer of the socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import uvicorn
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from lab.authority import Credential
from lab.network import listening_socket

GRACE: Final = 0.3  # seconds that running requests get at the end; then they are cut
KEEP_ALIVE: Final = 75  # seconds; longer than a client's own patience, so that it is the client who closes first


class _AppServer:
    """An application that is served as long as an `async with` lasts."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._server: _Server | None = None
        self._running: asyncio.Task[None] | None = None

    async def _serve(self, listener: socket.socket, context: ssl.SSLContext | None) -> None:
        self._server = _Server(_config(_Interruptible(self._app, self._is_ending), context))
        self._running = asyncio.get_running_loop().create_task(self._server.serve(sockets=[listener]))
        ready = asyncio.ensure_future(self._server.ready.wait())
        await asyncio.wait({self._running, ready}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            await self._running  # raises what kept the server from starting

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None and self._running is not None:
            self._server.end()
            await self._running

    def _is_ending(self) -> bool:
        return self._server is not None and self._server.should_exit


class HttpServer(_AppServer):
    """Serves without TLS at `listener`, which is bound already and does not block: for this machine alone."""

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        super().__init__(app)
        self._listener = listener

    async def __aenter__(self) -> Self:
        await self._serve(self._listener, None)
        return self


class HttpsServer(_AppServer):
    """`async with HttpsServer(app, address="127.40.0.10", credential=…) as server:` serves at `server.url`.

    `port` 0 picks a free one, which is kept: who leaves and enters again serves at the same URL. `listen`
    makes the socket. Raises OSError on entry when the address or port cannot be had.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        address: str,
        credential: Credential,
        port: int = 0,
        listen: Callable[[str, int], socket.socket] = listening_socket,
    ) -> None:
        self._app = app
        self._listen = listen
        self._credential = credential
        self._server: _Server | None = None
        self._running: asyncio.Task[None] | None = None
        self.address: Final = address
        self.port = port

    @property
    def url(self) -> str:
        """`https://ADDRESS:PORT`, without a slash at the end."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"https://{host}:{self.port}"

    async def __aenter__(self) -> Self:
        context = server_context(self._credential)
        listener = self._listen(self.address, self.port)
        self.port = listener.getsockname()[1]
        await self._serve(listener, context)
        return self


def server_context(credential: Credential) -> ssl.SSLContext:
    """TLS 1.2 or later with the given credential. Raises ssl.SSLError when key and certificate do not fit."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with tempfile.TemporaryDirectory() as directory:  # the ssl module reads keys from files only
        certificate, key = credential.write(Path(directory))
        context.load_cert_chain(certificate, key)
    return context


class _Server(uvicorn.Server):
    """uvicorn's server, as a part of somebody else's program."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready: Final = asyncio.Event()
        self._ending: Final = asyncio.Event()

    def end(self) -> None:
        """Stop serving, at once."""
        self.should_exit = True
        self._ending.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # signals belong to the program, not to one of its servers

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.ready.set()

    async def main_loop(self) -> None:
        while not await self.on_tick(0):  # renews the Date header
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), timeout=1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or ():
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await _settle(self.server_state.tasks)
        for connection in list(self.server_state.connections):
            # A TLS close waits for the peer's answer, for 30 s if need be; an idle client never gives one.
            if (transport := getattr(connection, "transport", None)) is not None:
                transport.abort()
        await asyncio.sleep(0)  # let the requests learn that nobody is there any more
        for task in list(self.server_state.tasks):
            task.cancel()
        await _settle(self.server_state.tasks)
        with contextlib.suppress(TimeoutError):  # from Python 3.12 on this waits for unfinished handshakes, too
            async with asyncio.timeout(GRACE):
                await asyncio.gather(*(server.wait_closed() for server in self.servers))


async def _settle(tasks: set[asyncio.Task[None]]) -> None:
    if tasks:
        await asyncio.wait(set(tasks), timeout=GRACE)


class _Interruptible:
    """The application, ending quietly where its server ends before it has answered."""

    def __init__(self, app: ASGIApp, is_ending: Callable[[], bool]) -> None:
        self._app = app
        self._is_ending = is_ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:
            return  # the client hung up in the middle of its request: nobody is left to answer
        except asyncio.CancelledError:
            if not self._is_ending():
                raise


def _config(app: ASGIApp, context: ssl.SSLContext | None) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=1,
    )
    config.load()
    config.ssl = context  # uvicorn itself takes file names only
    return config
