"""A gateway's admin endpoint as far as egress pools go, over real HTTP; a test sets its states and tunnels."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class EgressGateway:
    """One pool; `switches` are the changes that were asked for and made."""

    token: str
    states: dict[str, str]
    tunnels: dict[str, int] = field(default_factory=dict)
    switches: list[tuple[str, str]] = field(default_factory=list)
    broken: bool = False
    url: str = ""

    def egress(self) -> dict[str, Any]:
        addresses = [
            {"address": address, "state": state, "tunnels": self.tunnels.get(address, 0)}
            for address, state in self.states.items()
        ]
        return {"v": 1, "gateway": "gw", "pools": [{"name": "default", "in-zone": True, "addresses": addresses}]}

    def switch(self, body: dict[str, str]) -> int:
        address, state = body["address"], body["state"]
        if body["pool"] != "default" or address not in self.states:
            return 404
        after = {**self.states, address: state}
        if "active" not in after.values():
            return 409
        self.states = after
        self.switches.append((address, state))
        return 200


@contextmanager
def egress_gateway(token: str, **states: str) -> Iterator[EgressGateway]:
    """It answers as long as the block lasts; `a_127_42_0_10="active"` is an address and its state."""
    gateway = EgressGateway(token, {name[2:].replace("_", "."): state for name, state in states.items()})

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            self.answer(200 if self.path == "/egress" else 404)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.answer(gateway.switch(body) if self.permitted() else 401)

        def permitted(self) -> bool:
            return bool(self.headers.get("Authorization") == f"Bearer {gateway.token}")

        def answer(self, status: int) -> None:
            status = 500 if gateway.broken else status if self.permitted() else 401
            content = json.dumps(gateway.egress() if status == 200 else {"error": "no"}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gateway.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
