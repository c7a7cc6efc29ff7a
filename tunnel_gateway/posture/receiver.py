"""The listener for the UEM's event notifications: HTTPS, or plain HTTP on loopback; GET tests it, POST brings an event.

Strangers can reach it, so everything is bounded: connections in all and from one address, the time of each request, its
head and its body. What they send is never shown. The right password always counts, also while others guess: behind a
proxy they come from the UEM's own address. What keeps guesses out is the password's length, which is checked when the
configuration is read.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import logging
import socket
import ssl
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

import h11

from tunnel_gateway.posture.desk import TooManyEventsError
from tunnel_gateway.posture.events import EventError
from tunnel_gateway.strangers import StrangerLimit

CONNECTIONS: Final = 128
PER_SOURCE: Final = 32
WITHIN: Final = 10.0
"""Seconds for a TLS handshake, for a whole request, and between two of them."""
CLOSE_WITHIN: Final = 1.0
MAX_HEAD: Final = 8 * 1024
MAX_BODY: Final = 64 * 1024

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Door:
    """Who may come in: the password pair that the UEM sends, and the host names by which it may call this listener.

    Names are in lower case; an empty set stands for the listening address alone.
    """

    user: str
    password: str = field(repr=False)
    hosts: frozenset[str] = frozenset()

    def knows(self, authorization: str) -> bool:
        """Whether these are the credentials, in a time that tells nothing about them."""
        scheme, _, encoded = authorization.partition(" ")
        try:
            given = base64.b64decode(encoded.strip(), validate=True) if scheme.lower() == "basic" else b""
        except (binascii.Error, ValueError):
            given = b""
        return hmac.compare_digest(given, f"{self.user}:{self.password}".encode())


class EventReceiver:
    """The listener on its socket. `take` gets each event's body; it raises EventError and TooManyEventsError."""

    def __init__(
        self, address: tuple[str, int], tls: ssl.SSLContext | None, door: Door, take: Callable[[bytes], None]
    ) -> None:
        """Raises OSError where the address cannot be listened on."""
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._socket = socket.create_server(address, family=family, backlog=CONNECTIONS)
        self._socket.setblocking(False)
        self.address: tuple[str, int] = self._socket.getsockname()[:2]
        self._tls = tls
        self._door = door
        self._take = take
        self._wrong = StrangerLimit()
        self._slots = asyncio.Semaphore(CONNECTIONS)
        self._sources: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Accept connections until it is cancelled; then nothing of them is left."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                await self._slots.acquire()
                try:
                    accepted, peer = await loop.sock_accept(self._socket)
                except OSError:  # no descriptor left, or gone before it was accepted
                    self._slots.release()
                    await asyncio.sleep(0.1)
                    continue
                task = asyncio.ensure_future(self._connection(accepted, str(peer[0])))
                self._tasks.add(task)
                task.add_done_callback(self._over)
        finally:
            self._socket.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._slots.release()
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("posture: an event's connection failed", exc_info=error)

    async def _connection(self, accepted: socket.socket, source: str) -> None:
        self._sources[source] += 1
        try:
            if self._sources[source] > PER_SOURCE:
                accepted.close()
                return
            await self._speak(accepted, source)
        except (OSError, TimeoutError, EOFError, h11.RemoteProtocolError):
            pass  # whoever it was, the connection is over
        finally:
            self._sources[source] -= 1
            if not self._sources[source]:
                del self._sources[source]

    async def _speak(self, accepted: socket.socket, source: str) -> None:
        reader = asyncio.StreamReader(limit=MAX_BODY)
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.connect_accepted_socket(
            lambda: asyncio.StreamReaderProtocol(reader),
            accepted,
            ssl=self._tls,
            ssl_handshake_timeout=None if self._tls is None else WITHIN,
        )
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        try:
            while await self._exchange(connection, reader, writer, source):
                connection.start_next_cycle()
            transport.close()  # an answer that is on its way still arrives
            async with asyncio.timeout(CLOSE_WITHIN):
                await writer.wait_closed()
        finally:
            transport.abort()

    async def _exchange(
        self, connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: str
    ) -> bool:
        """One request and its answer; whether another may follow."""
        async with asyncio.timeout(WITHIN):
            status = await self._request(connection, reader, source)
            fields = [("Content-Length", "0")]
            if status == 401:
                fields.append(("WWW-Authenticate", 'Basic realm="events", charset="UTF-8"'))
            if status >= 400:
                fields.append(("Connection", "close"))
            head = connection.send(h11.Response(status_code=status, headers=fields))
            end = connection.send(h11.EndOfMessage())
            writer.write((head or b"") + (end or b""))
            await writer.drain()
        return connection.our_state is h11.DONE and connection.their_state is h11.DONE

    async def _request(self, connection: h11.Connection, reader: asyncio.StreamReader, source: str) -> int:
        """The status that the request gets. A stranger's body is not even read."""
        request = await _next(connection, reader)
        assert isinstance(request, h11.Request)
        fields = {name.decode("ascii").lower(): value.decode("latin-1") for name, value in request.headers}
        status = self._judge(request.method, fields, source)
        if status != 200:
            return status
        body = bytearray()
        while not isinstance(part := await _next(connection, reader), h11.EndOfMessage):
            assert isinstance(part, h11.Data)
            body += part.data
            if len(body) > MAX_BODY:
                return 413
        if request.method == b"GET":
            return 200
        try:
            self._take(bytes(body))
        except EventError:
            return 400
        except TooManyEventsError:
            return 503
        return 200

    def _judge(self, method: bytes, fields: dict[str, str], source: str) -> int:
        if not self._is_ours(fields.get("host", "")):
            return 421
        if "origin" in fields:  # a web page
            return 403
        if not self._door.knows(fields.get("authorization", "")):
            return 429 if self._wrong.admit(source, monotonic()) is None else 401
        return 200 if method in (b"GET", b"POST") else 405

    def _is_ours(self, host: str) -> bool:
        name, _, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
        name = (name if port.isdecimal() else host).lower()
        return name.strip("[]") == self.address[0] or name in self._door.hosts


async def _next(connection: h11.Connection, reader: asyncio.StreamReader) -> object:
    while (event := connection.next_event()) is h11.NEED_DATA:
        connection.receive_data(await reader.read(MAX_BODY))
    if isinstance(event, h11.ConnectionClosed) or event is h11.PAUSED:
        raise EOFError
    return event
