"""Everything that this project takes from mitmproxy's inside, in one place.

mitmproxy's core carries the bytes: modes, connection handling, the TLS layer, commands and events. Its internals are
no public API, so nothing else in the project imports them, and a contract test says what is relied on. What the core
lacks for a gateway is added here: time limits, an abort that really cuts, close_notify, and an end for a connection
whose code failed, which mitmproxy would log and leave hanging.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
import struct
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import mitmproxy.ctx
from cryptography import x509
from mitmproxy.addons.core import Core
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.connection import ConnectionState, Server
from mitmproxy.master import Master
from mitmproxy.options import Options
from mitmproxy.proxy import commands, events, mode_servers, mode_specs, server, server_hooks
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layer import CommandGenerator, Layer
from mitmproxy.proxy.layers import tls as tls_layers
from mitmproxy.proxy.tunnel import TunnelState
from OpenSSL import SSL, crypto

__all__ = [
    "Ask",
    "CannotListenError",
    "CommandGenerator",
    "ConnectionState",
    "Context",
    "Conversation",
    "Layer",
    "Limits",
    "Listener",
    "Server",
    "commands",
    "events",
    "server_context",
]

BACKLOG: Final = 1024

# mitmproxy reports strangers' mistakes and its own start as warnings; the decision log says all that matters here.
logging.getLogger("mitmproxy").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a connection may take for each of its steps, in seconds."""

    handshake: float = 10.0
    head: float = 10.0
    connect: float = 10.0
    idle: float = 600.0


class Conversation(Protocol):
    """What the gateway does at each turn of one connection. None of these may block."""

    def layer(self, context: Context) -> Layer:
        """The layer that speaks inside the client's TLS."""

    def handshake_done(self, leaf: bytes | None, intermediates: list[bytes]) -> None:
        """The client's certificates in DER, unjudged; a resumed session presents no intermediates."""

    def handshake_failed(self, detail: str) -> None: ...

    def handshake_timed_out(self) -> None: ...

    def idle(self) -> None: ...

    def crashed(self, error: BaseException | None) -> None: ...

    def closed(self) -> None:
        """The last word: the connection is gone."""


@dataclass
class Ask(commands.StartHook):
    """A layer's question to the world: it waits until `question` has been answered, or has failed.

    A failure is handed to the layer as `error`; mitmproxy by itself would log it and leave the layer waiting for ever.
    """

    question: Callable[[], Awaitable[Any]]
    answer: Any = field(default=None, init=False)
    error: Exception | None = field(default=None, init=False)


def server_context(certificate_chain: str, key: str, device_authorities: Sequence[x509.Certificate]) -> SSL.Context:
    """TLS 1.2 or later, asking for a client certificate and leaving the judgement of it to the gateway.

    Raises OpenSSL's SSL.Error when the files cannot be used together.
    """
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_CIPHER_SERVER_PREFERENCE | SSL.OP_NO_RENEGOTIATION)
    context.set_mode(SSL.MODE_RELEASE_BUFFERS)
    context.use_certificate_chain_file(certificate_chain)
    context.use_privatekey_file(key)
    context.check_privatekey()
    # Without a context id every resumed session that asks for a certificate fails.
    context.set_session_id(secrets.token_bytes(16))
    context.set_client_ca_list([_name_of(authority) for authority in device_authorities])
    context.set_verify(SSL.VERIFY_PEER, _accept_any)
    return context


def _name_of(certificate: x509.Certificate) -> Any:
    return crypto.X509.from_cryptography(certificate).get_subject()


def _accept_any(*_: object) -> bool:
    """The chain is verified at the CONNECT, where a reason can be given; a resumed session never comes past here."""
    return True


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
        task = asyncio.current_task()
        assert task is not None
        master.conversations.add(task)
        task.add_done_callback(master.conversations.discard)
        handler = GatewayHandler(reader, writer, master, self.mode)
        with self.manager.register_connection(handler.client.id, handler):  # type: ignore[arg-type]
            await handler.handle_client()


class Floor(Layer):
    """The lowest layer: what fails above it ends the connection instead of hanging it."""

    def __init__(self, context: Context, conversation: Conversation, abort: Callable[[], None]) -> None:
        super().__init__(context)
        self._conversation = conversation
        self._abort = abort
        self._above = GatewayTlsLayer(context)
        self._above.child_layer = conversation.layer(context)

    def _handle_event(self, event: events.Event) -> CommandGenerator[None]:
        try:
            yield from self._above.handle_event(event)
        except Exception as error:  # noqa: BLE001  whatever it is, it must not leave a connection open
            self._conversation.crashed(error)
            self._abort()


class GatewayTlsLayer(tls_layers.ClientTLSLayer):
    """mitmproxy's TLS with a proper end: close_notify before the connection, or our half of it, is closed."""

    def send_close(self, command: commands.CloseConnection) -> CommandGenerator[None]:
        if self.tunnel_state is TunnelState.OPEN:
            with suppress(SSL.Error):
                self.tls.shutdown()
            yield from self.tls_interact()
        yield from super().send_close(command)


class GatewayHandler(server.LiveConnectionHandler):
    """One connection: mitmproxy's handler with time limits, an abort, and no hook that can fail open."""

    def __init__(self, reader: Any, writer: Any, master: GatewayMaster, mode: mode_specs.ProxyMode) -> None:
        super().__init__(reader, writer, master.options, mode)
        self._tls = master.tls
        self._limits = master.limits
        self._conversation = master.converse(self.client.peername, self.abort)
        self._handshake_timer: asyncio.TimerHandle | None = None
        self._connect_timers: dict[str, asyncio.TimerHandle] = {}
        self.timeout_watchdog.timeout = int(self._limits.idle) or 1
        self.layer = Floor(self.layer.context, self._conversation, self.abort)

    async def handle_client(self) -> None:
        loop = asyncio.get_running_loop()
        self._handshake_timer = loop.call_later(self._limits.handshake, self._handshake_timed_out)
        try:
            await super().handle_client()
        finally:
            for timer in (self._handshake_timer, *self._connect_timers.values()):
                timer.cancel()
            self._conversation.closed()

    def _handshake_timed_out(self) -> None:
        self._conversation.handshake_timed_out()
        self.abort()

    async def handle_hook(self, hook: commands.StartHook) -> None:
        try:
            await self._handle(hook)
        except Exception as error:  # noqa: BLE001  mitmproxy would log it and carry on
            self._conversation.crashed(error)
            self.abort()

    async def _handle(self, hook: commands.StartHook) -> None:
        if isinstance(hook, Ask):
            with self.timeout_watchdog.disarm():
                await _answer(hook)
        elif isinstance(hook, tls_layers.TlsStartClientHook):
            hook.data.ssl_conn = SSL.Connection(self._tls)
            hook.data.ssl_conn.set_accept_state()
        elif isinstance(hook, tls_layers.TlsEstablishedClientHook):
            assert self._handshake_timer is not None
            assert hook.data.ssl_conn is not None
            self._handshake_timer.cancel()
            self._conversation.handshake_done(*_presented(hook.data.ssl_conn))
        elif isinstance(hook, tls_layers.TlsFailedClientHook):
            self._conversation.handshake_failed(hook.data.conn.error or "")
        elif isinstance(hook, server_hooks.ServerConnectedHook | server_hooks.ServerConnectErrorHook):
            self._connect_timers.pop(hook.data.server.id).cancel()

    async def open_connection(self, command: commands.OpenConnection) -> None:
        """Dial, but not for longer than the limit: mitmproxy itself would wait for as long as the system does."""
        task = asyncio.current_task()
        assert task is not None
        loop = asyncio.get_running_loop()
        self._connect_timers[command.connection.id] = loop.call_later(self._limits.connect, task.cancel)
        await super().open_connection(command)

    async def on_timeout(self) -> None:
        self._conversation.idle()
        self.abort()

    def abort(self) -> None:
        """Cut: both sockets are reset and what waits in their buffers is never sent."""
        for io in list(self.transports.values()):
            if isinstance(io.writer, asyncio.StreamWriter):
                _reset(io.writer)
            if io.handler is not None:
                io.handler.cancel("aborted")

    def log(self, message: str, level: int = logging.INFO, exc_info: Any = None) -> None:  # noqa: ARG002
        """mitmproxy tells of its own failures only by logging them; such a connection is ended."""
        if level >= logging.ERROR:
            error = exc_info[1] if isinstance(exc_info, tuple) else None
            self._conversation.crashed(error)
            self.abort()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close at once; without the linger option the system would still deliver what it has buffered."""
    with suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _answer(ask: Ask) -> None:
    try:
        ask.answer = await ask.question()
    except Exception as error:  # noqa: BLE001  the layer that asked is told, and refuses
        ask.error = error


def _presented(connection: SSL.Connection) -> tuple[bytes | None, list[bytes]]:
    leaf = connection.get_peer_certificate()
    chain = connection.get_peer_cert_chain() or []
    return None if leaf is None else _der(leaf), [_der(certificate) for certificate in chain]


def _der(certificate: crypto.X509) -> bytes:
    return crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate)


Converse = Callable[[tuple[str, int], Callable[[], None]], Conversation]
"""Begin a conversation with the client at an address; the second argument cuts it."""


class GatewayMaster(Master):
    """mitmproxy's frame around the listening socket, with none of its add-ons but the two that carry it."""

    def __init__(self, address: tuple[str, int], tls: SSL.Context, limits: Limits, converse: Converse) -> None:
        super().__init__(Options())
        self.tls = tls
        self.limits = limits
        self.converse = converse
        self.proxyserver = Proxyserver()
        self.conversations: set[asyncio.Task[Any]] = set()
        self.addons.add(Core(), self.proxyserver)
        self.options.update(mode=["tunnelgateway@{}:{}".format(*address)])


class CannotListenError(Exception):
    """The address cannot be listened on: in use, not this machine's, or not permitted."""


class Listener:
    """The gateway's listening socket and all connections that came through it."""

    def __init__(self, master: GatewayMaster, address: tuple[str, int]) -> None:
        self._master = master
        self.address = address

    @classmethod
    async def open(cls, address: tuple[str, int], tls: SSL.Context, limits: Limits, converse: Converse) -> Listener:
        """Listen on `address`; port 0 picks a free one. Raises CannotListenError."""
        master = GatewayMaster(address, tls, limits, converse)
        await master.proxyserver.setup_servers()
        (instance,) = master.proxyserver.servers
        if instance.last_exception is not None:
            await master.done()
            error = instance.last_exception
            words = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
            raise CannotListenError(f"cannot listen on {address[0]}:{address[1]}: {words}")
        host, port = instance.listen_addrs[0][:2]
        return cls(master, (host, port))

    async def close(self, within: float) -> None:
        """Stop listening, cut every connection, and wait for their last words, for at most `within` seconds."""
        for instance in self._master.proxyserver.servers:
            await instance.stop()
        for handler in list(self._master.proxyserver.connections.values()):
            assert isinstance(handler, GatewayHandler)
            handler.abort()
        if self._master.conversations:
            await asyncio.wait(self._master.conversations, timeout=within)
        await self._master.done()
