"""One program's connection to the device's proxy: requests one after the other, until a CONNECT takes it over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import h11
import httpcore
import httpx

from lab.device.proxy.answers import Answer, answer_to, said, text
from lab.device.proxy.relay import CHUNK, relay
from lab.device.routing import Path
from lab.device.streams import DeviceStream
from lab.device.transport import DeviceNetwork
from lab.device.tunnel import Tunnel
from tunnel_gateway.head import MAX_HEAD
from tunnel_gateway.reasons import Reason

PATIENCE: Final = 10.0
"""Seconds for each step of a connection to the gateway or to a server."""
MAX_BODY: Final = 64 * 1024
"""What is read of a request that is refused anyway, before the connection is closed."""


class Connection:
    """One connection. `network` is the device's as it is now, `own` answers what is asked of this server itself."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        network: Callable[[], DeviceNetwork],
        own: Callable[[h11.Request], Answer],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._network = network
        self._own = own
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        self._is_head = False
        self.far: DeviceStream | None = None
        """The other end of a CONNECT, once there is one."""
        self.is_connecting = False
        """Whether the far end is being opened."""
        self.is_over = False
        """Whether both sides have come to an end of their own accord."""

    @property
    def way(self) -> Path | None:
        """The way that the CONNECT went."""
        return None if self.far is None else Path.TUNNEL if isinstance(self.far, Tunnel) else Path.DIRECT

    async def serve(self) -> None:
        """Until either side has enough. Never raises for what the program or the network does."""
        try:
            while (request := await self._request()) is not None:
                if request.method == b"CONNECT":
                    await self._connect(request)
                elif request.target.startswith(b"/"):
                    await self._send(self._own(request))
                else:
                    await self._send(self._no_plain_http(request))
                if self.far is not None:
                    self.is_over = await relay(self._http.trailing_data[0], self._reader, self._writer, self.far)
                    return
                if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                    break
                self._http.start_next_cycle()
            self.is_over = True
        except h11.RemoteProtocolError as error:
            await self._complain(error)
        except OSError:
            return

    async def _request(self) -> h11.Request | None:
        """The next request, its body read and thrown away; None when there is none, or its body never ends."""
        request: h11.Request | None = None
        size = 0
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._http.receive_data(await self._reader.read(CHUNK))
            elif isinstance(event, h11.Request):
                request, self._is_head = event, event.method == b"HEAD"
            elif isinstance(event, h11.Data):
                size += len(event.data)
                if size > MAX_BODY:
                    return None
            elif isinstance(event, h11.EndOfMessage):
                return request
            else:
                return None

    async def _connect(self, request: h11.Request) -> None:
        """Open the far end, or say why not."""
        found = _authority(request.target)
        if found is None:
            await self._send(said(Reason.REQUEST_MALFORMED, "the target is not HOST:PORT", ""))
            return
        self.is_connecting = True
        try:
            self.far = await self._network().connect(*found, PATIENCE)
        except (
            httpcore.NetworkError,
            httpcore.TimeoutException,
            httpcore.ProtocolError,
            httpx.TransportError,
        ) as error:
            await self._send(answer_to(error))
            return
        finally:
            self.is_connecting = False
        self._write(h11.Response(status_code=200, headers=[], reason=b"Connection established"))
        await self._writer.drain()

    def _no_plain_http(self, request: h11.Request) -> Answer:
        """The lab's world is HTTPS; what a browser asks in plain HTTP finds nobody there."""
        try:
            url = httpx.URL(request.target.decode("ascii"))
        except (httpx.InvalidURL, UnicodeDecodeError):
            return said(Reason.REQUEST_MALFORMED, "the target is no URL", "")
        detail = "plain HTTP: this proxy takes CONNECT only"
        self._network().turn_away(url.host, url.port or 80, detail)
        return said(Reason.PORT_NOT_ALLOWED, detail, "Use https; the lab's servers speak nothing else.")

    async def _send(self, answer: Answer) -> None:
        self._write(h11.Response(status_code=answer.status, headers=answer.headers()))
        if not self._is_head:
            self._write(h11.Data(data=answer.body))
        self._write(h11.EndOfMessage())
        await self._writer.drain()

    async def _complain(self, error: h11.RemoteProtocolError) -> None:
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            await self._send(text(error.error_status_hint, f"this is no request that a proxy understands: {error}"))
            self.is_over = True

    def _write(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data:
            self._writer.write(data)


def _authority(target: bytes) -> tuple[str, int] | None:
    """Host and port of a CONNECT (RFC 9110, 9.3.6); IPv6 without its brackets. The host is judged elsewhere."""
    host, colon, port = target.decode("latin-1").rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        return None
    return (host[1:-1] if host.startswith("[") and host.endswith("]") else host), int(port)
