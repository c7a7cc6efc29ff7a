"""The listening socket, and room for the connections that come through it."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import Counter
from contextlib import suppress
from typing import Any, Final

import mitmproxy.ctx
from mitmproxy.addons.core import Core
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.master import Master
from mitmproxy.proxy import mode_servers, mode_specs
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layer import Layer
from OpenSSL import SSL

from tunnel_gateway.mitm.conversation import Host
from tunnel_gateway.mitm.handler import GatewayHandler
from tunnel_gateway.mitm.live import GatewayOptions
from tunnel_gateway.mitm.wire import Wire

BACKLOG: Final = 1024

# mitmproxy reports strangers' mistakes and its own start as warnings; the decision log says all that matters here.
logging.getLogger("mitmproxy").setLevel(logging.CRITICAL)

logger = logging.getLogger(__name__)


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
        master = mitmproxy.ctx.master
        assert isinstance(master, GatewayMaster)
        loop = asyncio.get_running_loop()
        # asyncio's own backlog of 100 is too short for a fleet that wakes up at once.
        return [await loop.create_server(lambda: Arrival(master, self.mode), host, port, backlog=BACKLOG)]

    def make_top_layer(self, context: Context) -> Layer:
        raise NotImplementedError("the handler builds its layers from its conversation")


class Arrival(Wire):
    """A device's socket."""

    __slots__ = ("_master", "_mode")

    def __init__(self, master: GatewayMaster, mode: TunnelGatewayMode) -> None:
        super().__init__()
        self._master = master
        self._mode = mode

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        if peer is None:  # gone before it could be looked at
            self.reset()
        elif not self._master.has_room_for(peer[0]):
            self._master.host.turn_away(peer[0])
            self.reset()
        else:
            self._begin(peer[0])

    def _begin(self, source: str) -> None:
        try:
            self._master.arrived(self, source, self._mode)
        except Exception:  # what cannot be begun must not stay open with nobody to watch it
            logger.exception("a connection could not be begun")
            self.owner = None
            self.reset()


class GatewayMaster(Master):
    """mitmproxy's frame around the listening socket, with none of its add-ons but the two that carry it."""

    def __init__(self, address: tuple[str, int], tls: SSL.Context, host: Host) -> None:
        super().__init__(GatewayOptions())
        self.tls = tls
        self.host = host
        self.proxyserver = Proxyserver()
        self.handlers: dict[Wire, GatewayHandler] = {}
        self.all_gone = asyncio.Event()
        self.all_gone.set()
        self._from: Counter[str] = Counter()
        self.addons.add(Core(), self.proxyserver)
        self.options.update(mode=["tunnelgateway@{}:{}".format(*address)])

    def has_room_for(self, source: str) -> bool:
        limits = self.host.limits
        return len(self.handlers) < limits.connections and self._from[source] < limits.connections_per_source

    def arrived(self, arrival: Arrival, source: str, mode: TunnelGatewayMode) -> None:
        """Begin a connection, and count it until both of its sockets are gone, however long that takes."""
        handler = GatewayHandler(
            arrival,
            mode,
            options=self.options,
            tls=self.tls,
            host=self.host,
            gone=lambda: self._gone(arrival, source),
        )
        self.handlers[arrival] = handler
        self.all_gone.clear()
        self._from[source] += 1
        handler.begin()

    def _gone(self, arrival: Arrival, source: str) -> None:
        del self.handlers[arrival]
        self._from[source] -= 1
        if not self._from[source]:
            del self._from[source]
        if not self.handlers:
            self.all_gone.set()


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

    def swap_tls(self, tls: SSL.Context) -> None:
        """The certificate and authorities of every handshake from now on."""
        self._master.tls = tls

    async def stop_accepting(self) -> None:
        """Close the listening socket; the connections that came through it stay."""
        for instance in self._master.proxyserver.servers:
            if instance.is_running:
                await instance.stop()

    async def all_gone(self) -> None:
        """Until no connection is left."""
        await self._master.all_gone.wait()

    async def close(self, within: float) -> None:
        """Stop listening, cut every connection, and wait for their last words, for at most `within` seconds."""
        await self.stop_accepting()
        for handler in list(self._master.handlers.values()):
            handler.abort()
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self.all_gone()
                await asyncio.sleep(0)  # the last words are spoken in the turn after
        await self._master.done()
