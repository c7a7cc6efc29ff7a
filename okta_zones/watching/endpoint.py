"""`/healthz`, `/readyz` and `/metrics` for this machine: read-only, without secrets and without names of others.

Any web page can send requests to a loopback address, so the Host field must name this endpoint, and pages are refused.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from socket import AF_INET6
from typing import Any

from prometheus_client.exposition import CONTENT_TYPE_LATEST

from okta_zones.watching.state import State

PATIENCE = 10  # seconds for a whole request


class CannotListenError(Exception):
    """The address cannot be listened on."""


@contextmanager
def serving(address: tuple[str, int], state: State, now: Callable[[], datetime]) -> Iterator[str]:
    """The endpoint's URL, for as long as it is served. Raises CannotListenError."""
    try:
        server = _server(address, _handler(state, now))
    except OSError as error:
        raise CannotListenError(f"cannot listen on {address[0]}:{address[1]}: {error.strerror}") from None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True, name="endpoint")
    thread.start()
    try:
        yield f"http://{_own_names(server)[0]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _server(address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    class Server(ThreadingHTTPServer):
        daemon_threads = True
        address_family = AF_INET6 if ip_address(address[0]).version == 6 else ThreadingHTTPServer.address_family

    return Server(address, handler)


def _own_names(server: Any) -> tuple[str, str]:
    host, port = server.server_address[:2]
    return (f"[{host}]:{port}" if ":" in host else f"{host}:{port}"), f"localhost:{port}"


def _handler(state: State, now: Callable[[], datetime]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE
        protocol_version = "HTTP/1.1"

        def version_string(self) -> str:
            return "okta-zones"

        def log_message(self, *_: object) -> None:
            """Nobody's requests fill a log."""

        def do_GET(self) -> None:
            if self.headers.get("Host") not in _own_names(self.server) or "Origin" in self.headers:
                self._answer(403, "this endpoint is for programs of this machine\n")
            elif self.path == "/healthz":
                self._answer(200, f"{state.role}\n")
            elif self.path == "/readyz":
                why_not = state.why_not_ready(now())
                self._answer(200 if why_not is None else 503, f"{why_not or 'ready'}\n")
            elif self.path == "/metrics":
                self._answer(200, state.metrics(), CONTENT_TYPE_LATEST)
            else:
                self._answer(404, "there is /healthz, /readyz and /metrics\n")

        def _answer(self, status: int, body: str | bytes, kind: str = "text/plain; charset=utf-8") -> None:
            content = body.encode() if isinstance(body, str) else body
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(content)

    return Handler
