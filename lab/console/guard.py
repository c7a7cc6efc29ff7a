"""Who may ask the console: the checks before any page or call is reached (DESIGN 4.7).

Loopback is no protection by itself: any web page can send requests to 127.0.0.1, and a name of its own can be made to
lead there. So a request has to name this server in its Host field, must not come from another site's page, and must
carry the session that the link on the terminal opens.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from lab.console.door import Door, TooManyKeysError

MAX_BODY: Final = 16 * 1024
"""Bytes of a request's body."""
KEY: Final = "key"
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_NO_SESSION: Final = "Open the link that tunnel-lab shows on its terminal: it works once, and opens this console.\n"


class Guard:
    """The application behind the checks."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        answer = self._answer(request)
        if answer is None:
            await self._app(scope, receive, send)
            return
        answer.headers.update(HEADERS)
        await answer(scope, receive, send)

    def _answer(self, request: Request) -> Response | None:
        """The answer to a request that does not go on."""
        if not _names_this_server(request):
            return _no(421, "The Host field names another server.\n")
        if _comes_from_elsewhere(request):
            return _no(403, "Pages of other sites may not ask here. Type the address, or paste the link.\n")
        if request.method == "GET" and request.url.path == "/" and KEY in request.query_params:
            return self._let_in(request.query_params[KEY])
        if not self._door.knows(request.cookies.get(self._door.cookie, "")):
            return _no(401, _NO_SESSION)
        return None

    def _let_in(self, key: str) -> Response:
        try:
            session = self._door.open(key)
        except TooManyKeysError:
            return _no(429, "Too many wrong links; wait a little.\n")
        if session is None:
            return _no(401, f"This link is not good, or not any more. {_NO_SESSION}")
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(self._door.cookie, session, httponly=True, samesite="strict", path="/")
        return answer


async def body_of(request: Request) -> bytes | Response:
    """The body, which must be JSON and short; or the answer to one that is not."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return _no(415, "The body must be application/json.\n")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            return _no(413, f"The body is longer than {MAX_BODY} bytes.\n")
    return body


def _names_this_server(request: Request) -> bool:
    host, port = request.scope["server"]
    return request.headers.getlist("host") in ([f"{host}:{port}"], [f"localhost:{port}"])


def _comes_from_elsewhere(request: Request) -> bool:
    """Whether a page of another origin sent this; browsers say so in one of these fields, and programs send neither."""
    own = f"http://{request.headers['host']}"
    origins = request.headers.getlist("origin")
    return origins not in ([], [own]) or request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin")


def _no(status: int, words: str) -> Response:
    return PlainTextResponse(words, status_code=status)
