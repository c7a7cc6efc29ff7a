"""How a browser comes back to a program on the same computer: a listener on loopback (RFC 8252, 7.3)."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

Finish = Callable[[Mapping[str, str]], str]


class LoopbackReturn:
    """What listens. `finish` takes what the browser brings, and returns what the person is to read."""

    def __init__(self, server: HTTPServer) -> None:
        self.redirect_uri = f"http://127.0.0.1:{server.server_address[1]}/callback"
        self.finish: Finish = lambda _: "nobody waits for this"


@contextmanager
def loopback_return() -> Iterator[LoopbackReturn]:
    """Listen at a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if url.path != "/callback":
                self.send_error(404)
                return
            said = found.finish(dict(parse_qsl(url.query)))
            page = f"<!doctype html><title>Program</title><h1 id=said>{html.escape(said)}</h1>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        found = LoopbackReturn(server)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
