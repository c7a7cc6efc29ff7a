"""The admin endpoint: what an operator and the zone controller on the same machine may ask of a running gateway.

Loopback is no protection by itself, since any web page can send requests to 127.0.0.1. So a request must carry the
token, must name this endpoint in its Host field, and must not come from a page (Origin).
"""

from __future__ import annotations

import asyncio
import hmac
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from dtr_rules.credentials import Secret
from tunnel_gateway.decision_log import StrangerLimit

Answer = Callable[[], Mapping[str, Any]]


def admin_app(token: Secret, answers: Mapping[str, Answer]) -> Starlette:
    """One GET for each path of `answers`, behind the checks of this module."""
    wrong = StrangerLimit()

    def endpoint(answer: Answer) -> Callable[[Request], Awaitable[JSONResponse]]:
        async def serve(request: Request) -> JSONResponse:
            return _refusal(request, token, wrong) or JSONResponse({"v": 1, **answer()})

        return serve

    return Starlette(routes=[Route(path, endpoint(answer), methods=["GET"]) for path, answer in answers.items()])


def _refusal(request: Request, token: Secret, wrong: StrangerLimit) -> JSONResponse | None:
    server = request.scope["server"]
    own = {f"{server[0]}:{server[1]}", f"[{server[0]}]:{server[1]}", f"localhost:{server[1]}"}
    if request.headers.get("host") not in own:
        return JSONResponse({"error": "the Host field names another server"}, status_code=421)
    if "origin" in request.headers:
        return JSONResponse({"error": "web pages are not served"}, status_code=403)
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), token.reveal().encode()):
        if wrong.admit("", monotonic()) is None:
            return JSONResponse({"error": "too many wrong tokens; wait"}, status_code=429)
        headers = {"WWW-Authenticate": "Bearer"}
        return JSONResponse({"error": "the admin token is missing or wrong"}, status_code=401, headers=headers)
    return None


class _Server(uvicorn.Server):
    """uvicorn without its grip on the process's signals: the gateway has its own."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class AdminServer:
    """The endpoint on its socket. Raises OSError where the address cannot be listened on."""

    def __init__(self, app: Starlette, address: tuple[str, int]) -> None:
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._socket = socket.create_server(address, family=family)
        host, port = self._socket.getsockname()[:2]
        self.url = f"http://[{host}]:{port}" if family == socket.AF_INET6 else f"http://{host}:{port}"
        config = uvicorn.Config(
            app,
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
