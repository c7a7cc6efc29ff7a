"""One connection: mitmproxy's handler with time limits, a cut that cuts, and an end for whatever fails."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from mitmproxy.options import Options
from mitmproxy.proxy import commands, events, mode_specs, server, server_hooks
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layer import CommandGenerator, Layer
from mitmproxy.proxy.layers import tls as tls_layers
from OpenSSL import SSL, crypto

from tunnel_gateway.mitm.conversation import Ask, Conversation, Host
from tunnel_gateway.mitm.tls import GatewayTlsLayer


class Floor(Layer):
    """The lowest layer: what fails above it ends the connection instead of hanging it."""

    def __init__(self, context: Context, conversation: Conversation, abort: Callable[[], None]) -> None:
        super().__init__(context)
        self._conversation = conversation
        self._abort = abort
        self._above = GatewayTlsLayer(context)
        self._above.child_layer = conversation.layer(context)

    @property
    def waits(self) -> bool:
        """Whether the layer inside TLS waits for an answer; what the client sends meanwhile is queued by mitmproxy."""
        return self._above.child_layer._paused is not None  # noqa: SLF001  mitmproxy has no other word for it

    def _handle_event(self, event: events.Event) -> CommandGenerator[None]:
        try:
            yield from self._above.handle_event(event)
        except Exception as error:  # noqa: BLE001  whatever it is, it must not leave a connection open
            self._conversation.crashed(error)
            self._abort()


class GatewayHandler(server.LiveConnectionHandler):
    """One connection: mitmproxy's handler with time limits, an abort, and no hook that can fail open."""

    def __init__(
        self, streams: tuple[Any, Any], mode: mode_specs.ProxyMode, *, options: Options, tls: SSL.Context, host: Host
    ) -> None:
        super().__init__(*streams, options, mode)
        self._tls = tls
        self._limits = host.limits
        self._conversation = host.converse(self.client.peername, self.abort)
        self._handshake_timer: asyncio.TimerHandle | None = None
        self._over = False
        self._questions: set[asyncio.Task[Any]] = set()
        self._answered = asyncio.Event()
        self._answered.set()
        self._connect_timers: dict[str, asyncio.TimerHandle] = {}
        self._dial_until: float | None = None
        self.timeout_watchdog.timeout = self._limits.idle  # type: ignore[assignment]
        self._floor = Floor(self.layer.context, self._conversation, self.abort)
        self.layer = self._floor

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
            await self._put(hook)
        elif isinstance(hook, server_hooks.ClientDisconnectedHook):
            self._finish()
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

    async def _put(self, ask: Ask) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._questions.add(task)
        try:
            with self.timeout_watchdog.disarm():
                await _answer(ask)
        finally:
            self._questions.discard(task)

    def _finish(self) -> None:
        """From here on nothing reaches the layers: no answer that is still on its way can dial or relay."""
        self._over = True
        for task in self._questions:
            task.cancel()

    async def server_event(self, event: events.Event) -> None:
        if self._over:
            return
        await super().server_event(event)
        if self._floor.waits:
            self._answered.clear()
        else:
            self._answered.set()

    async def drain_writers(self) -> None:
        """Each direction waits for its own far side alone; mitmproxy waits for both under one lock, and locks up."""
        reader = asyncio.current_task()
        if self.transports.get(self.client) is not None and reader is self.transports[self.client].handler:
            await self._answered.wait()
        others = [io for io in self.transports.values() if io.handler is not reader]
        for io in others or list(self.transports.values()):
            try:
                if io.writer is not None:
                    await io.writer.drain()
            except OSError as error:
                if io.handler is not None:
                    io.handler.cancel(f"cannot send: {error}")

    async def open_connection(self, command: commands.OpenConnection) -> None:
        """Dial, but not for longer than the limit, all addresses together: mitmproxy would wait as the system does."""
        task = asyncio.current_task()
        assert task is not None
        loop = asyncio.get_running_loop()
        if self._dial_until is None:
            self._dial_until = loop.time() + self._limits.connect
        self._connect_timers[command.connection.id] = loop.call_at(self._dial_until, task.cancel)
        await super().open_connection(command)

    async def on_timeout(self) -> None:
        self._conversation.idle()
        self.abort()

    def abort(self) -> None:
        """Cut: both sockets are reset and what waits in their buffers is never sent."""
        self._finish()
        for io in list(self.transports.values()):
            if isinstance(io.writer, asyncio.StreamWriter):
                reset(io.writer)
            if io.handler is not None:
                io.handler.cancel("aborted")

    def log(self, message: str, level: int = logging.INFO, exc_info: Any = None) -> None:
        """mitmproxy tells of its own failures only by logging them; such a connection is ended."""
        if message.startswith("TLS Error"):  # after the handshake; mitmproxy would go on and let the bytes pile up
            self._conversation.broken()
            self.abort()
        if level >= logging.ERROR:
            error = exc_info[1] if isinstance(exc_info, tuple) else None
            self._conversation.crashed(error)
            self.abort()


def reset(writer: asyncio.StreamWriter) -> None:
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
