"""One connection: mitmproxy's layers driven straight by the event loop, with time limits and a cut that cuts.

mitmproxy's own handler keeps a task for each socket, timer and hook of a connection. Here the sockets call the layers,
and a task exists only while an answer of the gateway has to be waited for or a connection is being made.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final

from mitmproxy.connection import Connection, ConnectionState
from mitmproxy.options import Options
from mitmproxy.proxy import commands, events, mode_specs
from mitmproxy.proxy.layers import tls as tls_layers
from OpenSSL import SSL, crypto

from tunnel_gateway.mitm.conversation import Ask, Dial, Host
from tunnel_gateway.mitm.deadlines import Deadlines
from tunnel_gateway.mitm.dialling import DialError, dial
from tunnel_gateway.mitm.live import Device, GatewayContext
from tunnel_gateway.mitm.onward import go_on
from tunnel_gateway.mitm.tls import BrokenTlsError, GatewayTlsLayer
from tunnel_gateway.mitm.tls_wire import TlsWire
from tunnel_gateway.mitm.wire import Wire

_HANDSHAKE: Final = "handshake"
_IDLE: Final = "idle"


class GatewayHandler:
    """One connection, from the device's socket to the one that was dialled for it; `gone` hears when both are."""

    def __init__(
        self,
        arrival: Wire,
        mode: mode_specs.ProxyMode,
        *,
        options: Options,
        tls: SSL.Context,
        host: Host,
        gone: Callable[[], None],
    ) -> None:
        assert arrival.transport is not None
        name = arrival.transport.get_extra_info
        self.client = Device(
            peername=name("peername"),
            sockname=name("sockname"),
            timestamp_start=time.time(),
            proxy_mode=mode,
            state=ConnectionState.OPEN,
        )
        arrival.owner, arrival.connection = self, self.client
        arrival.read_little(True)
        self._loop = asyncio.get_running_loop()
        self._tls = tls
        self._limits = host.limits
        self._arrival = arrival
        self._wires: dict[Connection, Wire] = {self.client: arrival}
        # Beside those, the ones that were closed and still have something to send: a cut takes that back.
        self._sockets: set[Wire] = {arrival}
        self._gone = gone
        self._events: deque[events.Event] = deque()
        self._busy = False
        self._over = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._conversation = host.converse(name("peername"), self.abort)
        context = GatewayContext(self.client, options)
        self._layer = GatewayTlsLayer(context, self._conversation.layer(context))
        self._active_at = self._loop.time()
        self._deadlines = Deadlines(self._loop)
        self._deadlines.set(_HANDSHAKE, self._limits.handshake, self._handshake_timed_out)
        self._deadlines.set(_IDLE, self._limits.idle, self._look_for_life)

    def begin(self) -> None:
        self._turn(events.Start())

    # --- turns of the sockets and timers ---

    def received(self, wire: Wire, data: bytes) -> None:
        assert wire.connection is not None
        self._active_at = self._loop.time()
        self._turn(events.DataReceived(wire.connection, data))

    def ended(self, wire: Wire) -> None:
        assert wire.connection is not None
        wire.connection.state &= ~ConnectionState.CAN_READ
        self._turn(events.ConnectionClosed(wire.connection))

    def lost(self, wire: Wire) -> None:
        if wire not in self._sockets:  # it was not yet dialled to the end, and whoever dials will see
            return
        assert wire.connection is not None
        self._sockets.discard(wire)
        if self._wires.pop(wire.connection, None) is not None:
            wire.connection.state = ConnectionState.CLOSED
            self._turn(events.ConnectionClosed(wire.connection))
        if wire is self._arrival:
            self._finish()
        if self._over and not self._sockets:
            self._conversation.gone()
            self._gone()

    def pressed(self) -> None:
        """Each side is read for as long as the other can take it, and while the gateway decides, until one speaks."""
        if self._over:
            return
        arrival, takes = self._arrival, not self._layer.queues
        wanted = takes
        for wire in self._wires.values():
            if wire is not arrival:
                wire.read(takes and not arrival.full)
                wanted = wanted and not wire.full
        arrival.read(wanted)

    def _handshake_timed_out(self) -> None:
        self._conversation.handshake_timed_out()
        self.abort()

    def _look_for_life(self) -> None:
        """It is not moved with every byte, but looks when the last one came."""
        quiet = 0.0 if self._tasks else self._loop.time() - self._active_at
        if quiet >= self._limits.idle:
            self._conversation.idle()
            self.abort()
        else:
            self._deadlines.set(_IDLE, self._limits.idle - quiet, self._look_for_life)

    # --- the layers ---

    def _turn(self, event: events.Event) -> None:
        """Give the layers an event, and do what they say; events that this causes come after it, in their order."""
        if self._over:
            return
        self._events.append(event)
        if self._busy:
            return
        self._busy = True
        try:
            while self._events and not self._over:
                for command in self._layer.handle_event(self._events.popleft()):
                    self._obey(command)
        except BrokenTlsError:
            self._conversation.broken()
            self.abort()
        except Exception as error:  # noqa: BLE001  whatever it is, it must not leave a connection open
            self._fail(error)
        finally:
            self._busy = False
        self.pressed()

    def _obey(self, command: commands.Command) -> None:
        if self._over:
            return
        if isinstance(command, commands.SendData):
            self._send(command)
        elif isinstance(command, commands.CloseConnection):
            self._close(command.connection, half=getattr(command, "half_close", False))
        elif isinstance(command, Ask | Dial):
            self._start(self._answer(command) if isinstance(command, Ask) else self._dial(command))
        else:
            self._obey_rarely(command)

    def _obey_rarely(self, command: commands.Command) -> None:
        if isinstance(command, commands.OpenConnection):
            self._turn(events.OpenConnectionCompleted(command, "only what was judged is dialled"))
        elif isinstance(command, commands.RequestWakeup):
            self._deadlines.set(command, command.delay, partial(self._turn, events.Wakeup(command)))
        elif isinstance(command, commands.StartHook):
            self._note(command)
            if command.blocking:
                self._turn(events.HookCompleted(command))
        elif isinstance(command, commands.Log) and command.level >= logging.ERROR:
            self._fail(RuntimeError(command.message))  # mitmproxy tells of its own failures only so

    def _send(self, command: commands.SendData) -> None:
        wire = self._wires.get(command.connection)
        if wire is not None and not wire.send(command.data):
            self._conversation.broken()
            self.abort()

    def _close(self, connection: Connection, *, half: bool) -> None:
        wire = self._wires.get(connection)
        if wire is None:
            return
        if half:
            wire.half_close()
            connection.state &= ~ConnectionState.CAN_WRITE
            if connection.state is not ConnectionState.CLOSED:
                return
        connection.state = ConnectionState.CLOSED
        del self._wires[connection]
        wire.close()
        if connection is self.client:
            self._finish()

    def _note(self, hook: commands.StartHook) -> None:
        if isinstance(hook, tls_layers.TlsStartClientHook):
            hook.data.ssl_conn = SSL.Connection(self._tls)
            hook.data.ssl_conn.set_accept_state()
        elif isinstance(hook, tls_layers.TlsEstablishedClientHook):
            assert hook.data.ssl_conn is not None
            self._deadlines.drop(_HANDSHAKE)
            self._conversation.handshake_done(*_presented(hook.data.ssl_conn))
        elif isinstance(hook, tls_layers.TlsFailedClientHook):
            self._conversation.handshake_failed(hook.data.conn.error or "")

    # --- what takes time ---

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._active_at = self._loop.time()
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            self._fail(error)

    async def _answer(self, ask: Ask) -> None:
        try:
            ask.answer = await ask.question()
        except Exception as error:  # noqa: BLE001  the layer that asked is told, and refuses
            ask.error = error
        self._turn(events.HookCompleted(ask))

    async def _dial(self, command: Dial) -> None:
        wire = Wire(self, command.connection)
        if command.onward is not None:
            wire = TlsWire(self, command.connection, command.onward)
        failure: DialError | None = None
        try:
            await self._connect(command, wire)
        except DialError as error:
            failure = error
        finally:
            if self._over or failure is not None or wire.transport is None or wire.transport.is_closing():
                wire.reset()
        if failure is None and not self._over:
            command.connection.state = ConnectionState.OPEN
            self._wires[command.connection] = wire
            self._sockets.add(wire)
            self._arrival.read_little(False)
        self._turn(events.OpenConnectionCompleted(command, failure))  # type: ignore[arg-type]

    async def _connect(self, command: Dial, wire: Wire) -> None:
        """All addresses together get the time that the limits give; the system's own limit is minutes."""
        if self._over:
            raise DialError("nobody is left to dial for")
        server = command.connection
        try:
            async with asyncio.timeout(self._limits.connect):
                connected = await dial(command.targets, command.egress)
                try:
                    server.sockname, server.peername = connected.getsockname(), connected.getpeername()
                    server.address = server.peername[:2]
                    await self._loop.create_connection(lambda: wire, sock=connected)
                except BaseException:
                    connected.close()
                    raise
                if isinstance(wire, TlsWire):
                    await go_on(wire)
        except TimeoutError:
            raise DialError("no answer in time") from None
        except OSError as error:
            raise DialError(error.strerror or str(error)) from error
        if wire.transport is None or wire.transport.is_closing():
            raise DialError("it closed at once")

    # --- the end ---

    def _fail(self, error: BaseException) -> None:
        self._conversation.crashed(error)
        self.abort()

    def _finish(self) -> None:
        """From here on nothing reaches the layers: no answer that is still on its way can dial or relay."""
        if self._over:
            return
        self._over = True
        self._deadlines.clear()
        for task in self._tasks:
            # Not before its first step: a question that has begun must hear of it, for it may hold a lock.
            self._loop.call_soon(task.cancel)
        for wire in self._wires.values():
            if wire is not self._arrival:
                wire.close()
        self._events.clear()
        self._loop.call_soon(self._conversation.closed)

    def abort(self) -> None:
        """Cut: both sockets are reset and what waits in their buffers is never sent, though both were closed before."""
        self._finish()
        for wire in tuple(self._sockets):
            wire.reset()


def _presented(connection: SSL.Connection) -> tuple[bytes | None, list[bytes]]:
    leaf = connection.get_peer_certificate()
    chain = connection.get_peer_cert_chain() or []
    return None if leaf is None else _der(leaf), [_der(certificate) for certificate in chain]


def _der(certificate: crypto.X509) -> bytes:
    return crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate)
