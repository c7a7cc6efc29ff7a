"""The endpoints as a web application."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from dtr_rules.credentials import Secret
from tunnel_gateway.admin.asked import Asked, Endpoint, NotDoneError
from tunnel_gateway.admin.endpoints import ENDPOINTS
from tunnel_gateway.admin.guard import Guard, body_of
from tunnel_gateway.admin.metrics import CONTENT_TYPE, exposition
from tunnel_gateway.admin.running import Running

logger = logging.getLogger(__name__)

Handler = Callable[[Request], Awaitable[Response]]


def admin_app(running: Running, token: Secret | None) -> Starlette:
    """Every path of ENDPOINTS, the two for a supervisor, and the metrics, behind the guard."""
    guard = Guard(token)
    routes = [
        Route(path, _guarded(guard, _json(running, endpoint)), methods=[method])
        for (method, path), endpoint in ENDPOINTS.items()
    ]
    routes += [
        Route("/healthz", _guarded(guard, _answer(lambda: True), tells_nothing=True)),
        Route("/readyz", _guarded(guard, _answer(lambda: not running.not_ready()), tells_nothing=True)),
        Route("/metrics", _guarded(guard, _metrics(running))),
    ]
    return Starlette(routes=routes)


def _guarded(guard: Guard, handler: Handler, *, tells_nothing: bool = False) -> Handler:
    async def serve(request: Request) -> Response:
        return guard.refusal(request, tells_nothing=tells_nothing) or await handler(request)

    return serve


def _json(running: Running, endpoint: Endpoint) -> Handler:
    async def serve(request: Request) -> Response:
        body = b"" if request.method in ("GET", "HEAD") else await body_of(request)
        if isinstance(body, JSONResponse):
            return body
        try:
            answer = await endpoint(running, Asked(dict(request.query_params), body))
        except NotDoneError as error:
            return JSONResponse({"error": error.words}, status_code=error.status)
        except Exception:
            logger.exception("admin: %s failed", request.url.path)
            return JSONResponse({"error": "internal error; standard error has more"}, status_code=500)
        return JSONResponse({"v": 1, **answer})

    return serve


def _answer(good: Callable[[], bool]) -> Handler:
    async def serve(_request: Request) -> Response:
        return PlainTextResponse("ok\n") if good() else PlainTextResponse("no\n", status_code=503)

    return serve


def _metrics(running: Running) -> Handler:
    async def serve(_request: Request) -> Response:
        return Response(exposition(running), media_type=CONTENT_TYPE)

    return serve
