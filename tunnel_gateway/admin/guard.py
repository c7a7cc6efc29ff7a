"""Who may ask: the checks before any endpoint is reached.

Loopback is no protection by itself, since any web page can send requests to 127.0.0.1. So a request must name this
endpoint in its Host field, must not come from a page (Origin), and must carry the token. On a Unix socket the file's
permissions say who may ask; a page cannot reach it.

The right token always counts, also while others guess: if guessing shut the door, any program of this machine could
keep the operator out. What keeps guesses out is the token's length, which is checked when the configuration is read.
"""

from __future__ import annotations

import hmac
from time import monotonic

from starlette.requests import Request
from starlette.responses import JSONResponse

from dtr_rules.credentials import Secret
from tunnel_gateway.strangers import StrangerLimit

MAX_BODY = 64 * 1024


class Guard:
    """`token` is None only on a Unix socket."""

    def __init__(self, token: Secret | None) -> None:
        self._token = token
        self._wrong = StrangerLimit()

    def refusal(self, request: Request, *, tells_nothing: bool) -> JSONResponse | None:
        """The answer to a request that may not go on; one that `tells_nothing` of the gateway needs no token."""
        if not _names_this_endpoint(request):
            return _no(421, "the Host field names another server")
        if "origin" in request.headers:
            return _no(403, "web pages are not served")
        if tells_nothing or self._token is None:
            return None
        return self._log_in(request, self._token)

    def _log_in(self, request: Request, token: Secret) -> JSONResponse | None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), token.reveal().encode()):
            return None
        if self._wrong.admit("", monotonic()) is None:
            return _no(429, "too many wrong tokens; wait")
        return _no(401, "the admin token is missing or wrong", {"WWW-Authenticate": "Bearer"})


async def body_of(request: Request) -> bytes | JSONResponse:
    """The body, which must be JSON and short; or the answer to one that is not."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return _no(415, "the body must be application/json")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            return _no(413, f"the body is longer than {MAX_BODY} bytes")
    return body


def _names_this_endpoint(request: Request) -> bool:
    host, port = request.scope["server"]
    if port is None:  # a Unix socket
        return True
    own = {f"{host}:{port}", f"[{host}]:{port}", f"localhost:{port}"}
    return request.headers.getlist("host") in [[each] for each in own]


def _no(status: int, words: str, fields: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": words}, status_code=status, headers=fields)
