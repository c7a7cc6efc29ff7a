"""The console as an ASGI application.

GET  /                        the page, with its style sheet, scripts and icon beside it
GET  /api/state               the world as it is, the newest logins and steps, and the scenarios
GET  /api/events              what happens, as server-sent events; Last-Event-ID is honoured
GET  /api/record              all that has happened, as a record of a run (lab.record)
GET  /report                  the same as a page
GET  /report/NAME             the page about a scenario's last run here
POST /api/steps               do one step, written as in a scenario: {"sign-in": {"device": …, "app": …, "at": …}}
POST /api/proxies             open a local proxy that makes programs an app: {"device": …, "app": …}
POST /api/scenarios/NAME      play a scenario in a world of its own
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lab.console.desk import BusyError, Desk, NotDoneError
from lab.console.door import Door
from lab.console.event_log import EventLog
from lab.console.guard import HEADERS, Guard, body_of
from lab.console.memory import Memory
from lab.console.proxies import Proxies, TooManyProxiesError
from lab.console.shows import ShowRunningError, Shows, ShowUnknownError
from lab.console.view import login_view, parties_view, step_view, world_view
from lab.console.wish import WishError, read_proxy_wish, read_wish
from lab.operations import Operations
from lab.parties import parties_of
from lab.record import run_to_json
from lab.report.page import render
from lab.version import version

PAGE: Final = Path(__file__).with_name("page")
_FILES: Final = {path.name: path for path in sorted(PAGE.iterdir()) if path.suffix in (".css", ".js", ".svg")}
REPORT_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
"""A report's styles are in itself; it has no script, and nothing in it may act for the console."""
MOST_READERS: Final = 16
"""Pages that may listen to events at once."""


class Console:
    """The calls of one world's console."""

    def __init__(
        self, operations: Operations, *, desk: Desk, log: EventLog, memory: Memory, shows: Shows, proxies: Proxies
    ) -> None:
        self._operations = operations
        self._desk = desk
        self._log = log
        self._memory = memory
        self._shows = shows
        self._proxies = proxies

    def app(self, door: Door) -> ASGIApp:
        """Everything behind the door."""
        routes = [
            Route("/", self._page),
            Route("/page/{name}", self._file),
            Route("/api/state", self._state),
            Route("/api/events", self._events),
            Route("/api/record", self._record),
            Route("/report", self._report),
            Route("/report/{name}", self._report),
            Route("/api/steps", self._step, methods=["POST"]),
            Route("/api/proxies", self._open_proxy, methods=["POST"]),
            Route("/api/scenarios/{name}", self._play, methods=["POST"]),
        ]
        return Guard(_Headers(Starlette(routes=routes)), door)

    async def _page(self, _request: Request) -> Response:
        return FileResponse(PAGE / "index.html")

    async def _file(self, request: Request) -> Response:
        found = _FILES.get(request.path_params["name"])
        return _error(404, "there is no such file") if found is None else FileResponse(found)

    async def _state(self, _request: Request) -> Response:
        last_id = self._log.last_id  # first: what happens meanwhile is told again
        return JSONResponse(
            {
                "v": 1,
                "last_event_id": last_id,
                "parties": parties_view(parties_of(self._operations.world)),
                "world": await world_view(self._operations),
                "steps": [step_view(each) for each in self._memory.steps],
                "logins": [login_view(each) for each in self._memory.logins],
                "scenarios": self._shows.view,
                "proxies": [asdict(each) for each in self._proxies.all],
            }
        )

    async def _events(self, request: Request) -> Response:
        if self._log.readers >= MOST_READERS:
            return _error(503, f"{MOST_READERS} pages listen already")
        last_id = request.headers.get("last-event-id") or request.query_params.get("after", "")
        return StreamingResponse(self._log.follow(last_id), media_type="text/event-stream")

    async def _record(self, _request: Request) -> Response:
        named = {"Content-Disposition": 'attachment; filename="console.json"'}
        text = run_to_json(self._memory.run(self._operations.world))
        return Response(text, media_type="application/json", headers=named)

    async def _report(self, request: Request) -> Response:
        name = request.path_params.get("name", "")
        run = self._shows.runs.get(name) if name else self._memory.run(self._operations.world)
        if run is None:
            return _error(404, "this scenario has not been played to its end here")
        page = await asyncio.to_thread(render, [run], version=version())
        return HTMLResponse(page, headers={"Content-Security-Policy": REPORT_POLICY})

    async def _step(self, request: Request) -> Response:
        body = await body_of(request)
        if isinstance(body, Response):
            return body
        try:
            return JSONResponse(await self._desk.play(read_wish(body, self._operations.world.devices)))
        except WishError as error:
            return _error(422, str(error))
        except BusyError:
            return _error(429, "too much waits already; wait until something is done")
        except NotDoneError as error:
            return _error(409, str(error))

    async def _open_proxy(self, request: Request) -> Response:
        body = await body_of(request)
        if isinstance(body, Response):
            return body
        try:
            wish = read_proxy_wish(body, self._operations.world.devices)
            return JSONResponse(asdict(await self._proxies.open(wish.device, wish.app)))
        except WishError as error:
            return _error(422, str(error))
        except (TooManyProxiesError, OSError) as error:
            return _error(409, str(error))

    async def _play(self, request: Request) -> Response:
        body = await body_of(request)
        if isinstance(body, Response):
            return body
        try:
            self._shows.start(request.path_params["name"])
        except ShowUnknownError:
            return _error(404, "there is no such scenario")
        except ShowRunningError:
            return _error(409, "a scenario is being played; wait for its end")
        return JSONResponse({"started": request.path_params["name"]}, status_code=202)


class _Headers:
    """Puts what every answer carries on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update({name: value for name, value in HEADERS.items() if name not in headers})
            await send(message)

        await self._app(scope, receive, with_headers)


def _error(status: int, words: str) -> Response:
    return JSONResponse({"error": words}, status_code=status)
