"""Devices, as a process of their own: they do one job that stands on standard input, and say how it went.

The first line in is the job (JSON). When it is prepared, `ready` goes out; the next line in starts it; a line of JSON
with the outcome goes out. A job that holds tunnels keeps them until standard input ends.
"""

from __future__ import annotations

import json
import selectors
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, cast

ESTABLISHED = b" 200 "
TIMEOUT = 20.0


class Devices:
    """A share of the fleet: one TLS context for each device, used in turn."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.server = tuple(job["server"])
        self.local = job.get("local", "127.0.0.1")
        self.target = job["target"]
        self.direct = job["direct"]
        self.contexts = [] if self.direct else [_context(job["ca"], *files) for files in job["credentials"]]
        self.hello = _client_hello(job["host"])
        self.sessions: dict[int, ssl.SSLSession] = {}

    def tcp(self) -> socket.socket:
        return socket.create_connection(self.server, timeout=TIMEOUT, source_address=(self.local, 0))

    def tunnel(self, number: int, *, resume: bool = False) -> socket.socket:
        """A connection to the far end: through the server's tunnel, or straight. Raises OSError."""
        raw = self.tcp()
        if self.direct:
            return raw
        which = number % len(self.contexts)
        session = self.sessions.get(which) if resume else None
        try:
            connection = self.contexts[which].wrap_socket(raw, server_hostname="gateway", session=session)
        except OSError:
            raw.close()
            raise
        try:
            connection.sendall(f"CONNECT {self.target} HTTP/1.1\r\nHost: {self.target}\r\n\r\n".encode())
            _read_head(connection)
        except OSError:
            connection.close()
            raise
        if resume and connection.session is not None:
            self.sessions[which] = connection.session
        return connection

    def exchange(self, connection: socket.socket) -> None:
        connection.sendall(self.hello)
        if not connection.recv(4096):
            raise ConnectionError("the far end said nothing")


def _context(ca: str, certificate: str, key: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca)
    context.load_cert_chain(certificate, key)
    return context


def _client_hello(host: str) -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname=host)
    with suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()


def _read_head(connection: socket.socket) -> None:
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(4096)
        if not part:
            raise ConnectionError("closed instead of an answer")
        head += part
    if ESTABLISHED not in head.partition(b"\r\n")[0]:
        raise ConnectionError(head.partition(b"\r\n")[0].decode("latin-1"))


Job = Callable[[Devices, dict[str, Any]], Iterator[dict[str, Any]]]


def connects(devices: Devices, job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """`count` CONNECTs with one exchange each, one after the other; at fixed times where `interval` is given."""
    resume, interval = job["resume"], job["interval"]
    if resume:
        for number in range(len(devices.contexts)):
            with suppress(OSError), devices.tunnel(number, resume=True) as connection:
                devices.exchange(connection)
                devices.sessions[number] = cast("ssl.SSLSocket", connection).session or devices.sessions[number]
    yield {}
    took, reused, errors, started = [], 0, {}, time.monotonic()
    for number in range(job["count"]):
        due = started + number * interval if interval else time.monotonic()
        while (early := due - time.monotonic()) > 0:
            time.sleep(early)
        try:
            with devices.tunnel(number + job["first"], resume=resume) as connection:
                devices.exchange(connection)
                took.append(time.monotonic() - due)
                reused += isinstance(connection, ssl.SSLSocket) and bool(connection.session_reused)
        except OSError as error:
            errors[str(error)] = errors.get(str(error), 0) + 1
    seconds = time.monotonic() - started
    yield {"took": took, "reused": reused, "failed": sum(errors.values()), "errors": errors, "seconds": seconds}


def round_trips(devices: Devices, job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Exchanges through tunnels that stand, at fixed times."""
    tunnels = [devices.tunnel(number) for number in range(job["tunnels"])]
    for connection in tunnels:
        devices.exchange(connection)
    yield {}
    took, started = [], time.monotonic()
    for number in range(job["count"]):
        due = started + number * job["interval"]
        while (early := due - time.monotonic()) > 0:
            time.sleep(early)
        devices.exchange(tunnels[number % len(tunnels)])
        took.append(time.monotonic() - due)
    for connection in tunnels:
        connection.close()
    yield {"took": took, "failed": 0, "seconds": time.monotonic() - started}


def download(devices: Devices, job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    with devices.tunnel(0) as connection:
        yield {}
        buffer, left, started = memoryview(bytearray(256 * 1024)), job["bytes"], time.monotonic()
        connection.sendall(devices.hello)
        while left > 0:
            came = connection.recv_into(buffer)
            if not came:
                raise ConnectionError("the flood ended")
            left -= came
        yield {"seconds": time.monotonic() - started}


def upload(devices: Devices, job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    with devices.tunnel(0) as connection:
        yield {}
        part, left, started = bytes(256 * 1024), job["bytes"], time.monotonic()
        devices.exchange(connection)
        while left > 0:
            connection.sendall(part)
            left -= len(part)
        connection.sendall(b"\x01")
        if not connection.recv(4096):
            raise ConnectionError("the far end said nothing")
        yield {"seconds": time.monotonic() - started}


def hold(devices: Devices, job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Open tunnels, exchange once in each, and keep them; the outcome says how many stand."""
    yield {}
    kept, failed = [], 0
    for number in range(job["count"]):
        try:
            connection = devices.tunnel(number + job["first"])
            devices.exchange(connection)
            kept.append(connection)
        except OSError:
            failed += 1
    yield {"standing": len(kept), "failed": failed}
    sys.stdin.read()
    for connection in kept:
        connection.close()


def watch(devices: Devices, job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One tunnel for each device of the share; the outcome says when (seconds of the machine's clock) each was cut.

    It comes once all were cut, or after `within` seconds; with `until_end`, when the next line comes in.
    """
    watching = selectors.DefaultSelector()
    count = job.get("only") or len(devices.contexts)
    for number in range(count):
        connection = devices.tunnel(number)
        devices.exchange(connection)
        connection.setblocking(False)
        watching.register(connection, selectors.EVENT_READ, number)
    yield {}
    if job.get("until_end"):
        sys.stdin.readline()
    cut: dict[int, float] = {}
    deadline = time.monotonic() + job["within"]
    while len(cut) < count:
        ready = watching.select(0.5 if job["within"] else 0)
        for key, _ in ready:
            if _is_over(cast("ssl.SSLSocket", key.fileobj)):
                cut[key.data] = time.monotonic()
                watching.unregister(key.fileobj)
        if not ready and time.monotonic() >= deadline:
            break
    yield {"cut": cut}


def _is_over(connection: ssl.SSLSocket) -> bool:
    try:
        return not connection.recv(4096)
    except ssl.SSLWantReadError:
        return False
    except OSError:
        return True


JOBS: dict[str, Job] = {
    "connects": connects,
    "round-trips": round_trips,
    "download": download,
    "upload": upload,
    "hold": hold,
    "watch": watch,
}


def main() -> None:
    job = json.loads(sys.stdin.readline())
    steps = JOBS[job["job"]](Devices(job), job)
    next(steps)
    print("ready", flush=True)
    sys.stdin.readline()
    for outcome in steps:
        print(json.dumps(outcome), flush=True)


if __name__ == "__main__":
    main()
