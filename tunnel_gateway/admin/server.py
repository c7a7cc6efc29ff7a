"""The admin endpoint on its socket, inside the gateway's own event loop."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from tunnel_gateway.admin.bounded import BoundedProtocol


class _Server(uvicorn.Server):
    """uvicorn without its grip on the process's signals: the gateway has its own."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class AdminServer:
    """The endpoint at `url`, which is `http://ADDRESS:PORT` or `unix:PATH`. Raises OSError where it cannot be there."""

    def __init__(self, app: Starlette, place: tuple[str, int] | Path) -> None:
        self._file: Path | None = None
        if isinstance(place, Path):
            self._socket = _unix_socket(place)
            self._file = place
            self.url = f"unix:{place.absolute()}"
        else:
            family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
            self._socket = socket.create_server(place, family=family)
            host, port = self._socket.getsockname()[:2]
            self.url = f"http://[{host}]:{port}" if family == socket.AF_INET6 else f"http://{host}:{port}"
        config = uvicorn.Config(
            app,
            http=BoundedProtocol,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.ensure_future(self._server.serve(sockets=[self._socket]))

    async def stop(self) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        if self._task is not None:
            await self._task
        self._socket.close()
        if self._file is not None:
            self._file.unlink(missing_ok=True)


def _unix_socket(path: Path) -> socket.socket:
    """A listening socket that its owner alone can connect to. One that a dead gateway left is replaced."""
    _remove_if_dead(path)
    endpoint = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)  # at no moment may others connect
    try:
        endpoint.bind(str(path))
    except OSError:
        endpoint.close()
        raise
    finally:
        os.umask(mask)
    endpoint.listen()
    return endpoint


def _remove_if_dead(path: Path) -> None:
    try:
        if not stat.S_ISSOCK(path.stat().st_mode):
            return  # somebody's file: binding will say so
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
            return
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
