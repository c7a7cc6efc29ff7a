"""The listening socket, and room for the connections that come through it."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import mitmproxy.ctx
from mitmproxy.addons.core import Core
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.master import Master
from mitmproxy.options import Options
from mitmproxy.proxy import mode_servers, mode_specs
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layer import Layer
from OpenSSL import SSL

from tunnel_gateway.mitm.conversation import Host
from tunnel_gateway.mitm.handler import GatewayHandler, reset

BACKLOG: Final = 1024
LINGER: Final = 10.0
"""Seconds that a device gets to take what was sent to it before its connection ended."""

# mitmproxy reports strangers' mistakes and its own start as warnings; the decision log says all that matters here.
logging.getLogger("mitmproxy").setLevel(logging.CRITICAL)


class TunnelGatewayMode(mode_specs.ProxyMode):
    """`tunnelgateway@ADDRESS:PORT`."""

    description = "tunnel gateway"
    transport_protocol = mode_specs.TCP

    def __post_init__(self) -> None:
        if self.data:
            raise ValueError("mode takes no arguments")


class TunnelGatewayInstance(mode_servers.AsyncioServerInstance[TunnelGatewayMode]):
    """The listening socket: one handler for each connection."""

    async def listen(self, host: str, port: int) -> list[Any]:
        # asyncio's own backlog of 100 is too short for a fleet that wakes up at once.
        return [await asyncio.start_server(self.handle_stream, host, port, backlog=BACKLOG)]

    def make_top_layer(self, context: Context) -> Layer:
        raise NotImplementedError("the handler builds its layers from its conversation")

    async def handle_stream(self, reader: Any, writer: Any = None) -> None:
        master = mitmproxy.ctx.master
        assert isinstance(master, GatewayMaster)
        if writer.get_extra_info("peername") is None:  # gone before it could be looked at
            writer.transport.abort()
            return
        source = writer.get_extra_info("peername")[0]
        if not master.has_room_for(source):
            master.host.turn_away(source)
            reset(writer)
            return
        with master.one_more(source):
            handler = GatewayHandler(
                (reader, writer), self.mode, options=master.options, tls=master.tls, host=master.host
            )
            with self.manager.register_connection(handler.client.id, handler):  # type: ignore[arg-type]
                await handler.handle_client()
        # What the device has not taken yet may still arrive; but not for ever, and nothing else watches this socket.
        if writer.transport.get_write_buffer_size():
            master.let_linger(writer)


class GatewayMaster(Master):
    """mitmproxy's frame around the listening socket, with none of its add-ons but the two that carry it."""

    def __init__(self, address: tuple[str, int], tls: SSL.Context, host: Host) -> None:
        super().__init__(Options())
        self.tls = tls
        self.host = host
        self.proxyserver = Proxyserver()
        self.conversations: set[asyncio.Task[Any]] = set()
        self.lingering: set[asyncio.StreamWriter] = set()
        self._from: Counter[str] = Counter()
        self.addons.add(Core(), self.proxyserver)
        self.options.update(mode=["tunnelgateway@{}:{}".format(*address)])

    def has_room_for(self, source: str) -> bool:
        limits = self.host.limits
        return self._from.total() < limits.connections and self._from[source] < limits.connections_per_source

    @contextmanager
    def one_more(self, source: str) -> Iterator[None]:
        """Count a connection for as long as it lasts."""
        task = asyncio.current_task()
        assert task is not None
        self.conversations.add(task)
        self._from[source] += 1
        try:
            yield
        finally:
            self.conversations.discard(task)
            self._from[source] -= 1
            if not self._from[source]:
                del self._from[source]

    def let_linger(self, writer: asyncio.StreamWriter) -> None:
        self.lingering.add(writer)
        asyncio.get_running_loop().call_later(LINGER, self.end_lingering, writer)

    def end_lingering(self, writer: asyncio.StreamWriter) -> None:
        if writer in self.lingering:
            self.lingering.discard(writer)
            reset(writer)


class CannotListenError(Exception):
    """The address cannot be listened on: in use, not this machine's, or not permitted."""


class Listener:
    """The gateway's listening socket and all connections that came through it."""

    def __init__(self, master: GatewayMaster, address: tuple[str, int]) -> None:
        self._master = master
        self.address = address

    @classmethod
    async def open(cls, address: tuple[str, int], tls: SSL.Context, host: Host) -> Listener:
        """Listen on `address`; port 0 picks a free one. Raises CannotListenError."""
        master = GatewayMaster(address, tls, host)
        await master.proxyserver.setup_servers()
        (instance,) = master.proxyserver.servers
        if instance.last_exception is not None:
            await master.done()
            error = instance.last_exception
            words = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
            raise CannotListenError(f"cannot listen on {address[0]}:{address[1]}: {words}")
        name, port = instance.listen_addrs[0][:2]
        return cls(master, (name, port))

    async def close(self, within: float) -> None:
        """Stop listening, cut every connection, and wait for their last words, for at most `within` seconds."""
        for instance in self._master.proxyserver.servers:
            await instance.stop()
        for handler in list(self._master.proxyserver.connections.values()):
            assert isinstance(handler, GatewayHandler)
            handler.abort()
        for writer in list(self._master.lingering):
            self._master.end_lingering(writer)
        if self._master.conversations:
            await asyncio.wait(self._master.conversations, timeout=within)
        await self._master.done()
