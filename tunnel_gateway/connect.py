"""The layer that speaks CONNECT inside a device's TLS: read the head, ask the gateway, dial, relay.

No I/O in here: events come in, commands go out. Nothing is dialled before the gateway has answered, and nothing is
relayed before the connection was seen to have gone where it was meant to, from the address it was meant to leave from.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

from tunnel_gateway.head import ConnectHead, parse_head, split_head
from tunnel_gateway.mitm import (
    Ask,
    Begun,
    CommandGenerator,
    ConnectionState,
    Context,
    Dial,
    DialError,
    EgressUnusableError,
    FarEnd,
    Layer,
    Limits,
    Onward,
    OutOfFilesError,
    Server,
    commands,
    events,
)
from tunnel_gateway.reasons import Reason, RefusalError
from tunnel_gateway.sni import WITHIN, SniCheck, SniMismatchError

T = TypeVar("T")

ESTABLISHED = b"HTTP/1.1 200 Connection Established\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Permit:
    """What the gateway grants: targets to try in order, the address to leave from, and why. Addresses are literals."""

    targets: tuple[tuple[str, int], ...]
    egress: str
    reason: Reason
    onward: Onward | None = None
    sni: SniCheck | None = None


class Desk(Protocol):
    """What the layer asks of the gateway about its connection."""

    async def decide(self, head: ConnectHead) -> Permit:
        """Raises RefusalError."""

    async def admitted(self, permit: Permit, address: str) -> None:
        """The connection to `address` stands; write it down. A failure here refuses."""

    def refused(self, refusal: RefusalError) -> bytes:
        """Write it down; what to answer the device, nothing for silence."""

    def relayed(self, *, up: int = 0, down: int = 0) -> None: ...

    def inspection(self, context: Context, server: Server) -> Layer | None:
        """What decrypts this tunnel; None but in labs."""

    def would(self, words: str) -> None:
        """What would have ended the tunnel, were it not only reported."""

    def ended(self, reason: Reason, detail: str = "") -> None: ...


class ConnectLayer(Layer):
    """One CONNECT and its tunnel. The head's time counts from the end of the TLS handshake, `total` from the 200."""

    def __init__(self, context: Context, desk: Desk, limits: Limits) -> None:
        super().__init__(context)
        self._desk = desk
        self._limits = limits
        self._buffer = b""
        self._sni: SniCheck | None = None
        self._hello_alarm = commands.RequestWakeup(WITHIN)
        self._life = commands.RequestWakeup(limits.total)
        self._server: Server | None = None
        self._inside: Layer | None = None
        self._state: Callable[[events.Event], CommandGenerator[None]] = self._read_head

    def _handle_event(self, event: events.Event) -> CommandGenerator[None]:
        yield from self._state(event)

    # --- the states ---

    def _read_head(self, event: events.Event) -> CommandGenerator[None]:
        if isinstance(event, events.Start):
            yield commands.RequestWakeup(self._limits.head)
        elif isinstance(event, events.Wakeup):
            yield from self._refuse(RefusalError(Reason.HEAD_TIMEOUT))
        elif isinstance(event, events.ConnectionClosed):
            yield from self._finish()
        elif isinstance(event, events.DataReceived):
            self._buffer += event.data
            try:
                parts = split_head(self._buffer)
                head = None if parts is None else parse_head(parts[0])
            except RefusalError as refusal:
                yield from self._refuse(refusal)
                return
            if parts is not None and head is not None:
                yield from self._connect(head, early=parts[1])

    def _relay(self, event: events.Event) -> CommandGenerator[None]:
        server = self._server
        assert server is not None
        if isinstance(event, events.Wakeup):
            yield from self._look_at_the_clock(event)
        elif isinstance(event, events.DataReceived):
            if event.connection is self.context.client:
                yield from self._send_on(server, event.data)
            else:
                if self._sni is not None:
                    self._sni.answered(event.data)
                self._desk.relayed(down=len(event.data))
                yield commands.SendData(self.context.client, event.data)
        elif isinstance(event, events.ConnectionClosed):
            by_device = event.connection is self.context.client
            self._desk.ended(Reason.CLOSED_BY_DEVICE if by_device else Reason.CLOSED_BY_SERVER)
            gone = event.connection.state is ConnectionState.CLOSED
            if gone or not (self.context.client.state | server.state) & ConnectionState.CAN_READ:
                yield from self._finish()
            else:
                other = server if by_device else self.context.client
                yield commands.CloseTcpConnection(other, half_close=True)

    def _inspect(self, event: events.Event) -> CommandGenerator[None]:
        """The same as `_relay` for a tunnel that is decrypted: what is inside speaks with both ends itself."""
        assert self._inside is not None
        if isinstance(event, events.Wakeup) and event.command is self._life:
            yield from self._look_at_the_clock(event)
            return
        by_device = isinstance(event, events.ConnectionEvent) and event.connection is self.context.client
        if isinstance(event, events.DataReceived):
            self._desk.relayed(**{"up" if by_device else "down": len(event.data)})
        elif isinstance(event, events.ConnectionClosed):
            self._desk.ended(Reason.CLOSED_BY_DEVICE if by_device else Reason.CLOSED_BY_SERVER)
        yield from self._inside.handle_event(event)

    def _look_at_the_clock(self, event: events.Wakeup) -> CommandGenerator[None]:
        """The head's alarm, which rings once more in the tunnel, means nothing there."""
        if event.command is self._life:
            self._desk.ended(Reason.TIME_LIMIT)
            yield from self._finish()
        elif event.command is self._hello_alarm and self._sni is not None and self._sni.waits:
            yield from self._mismatch(self._sni, f"no whole ClientHello in {WITHIN:.0f} s")

    def _send_on(self, server: Server, data: bytes) -> CommandGenerator[None]:
        if self._sni is not None:
            data = yield from self._look_inside(self._sni, data)
        if data:
            self._desk.relayed(up=len(data))
            yield commands.SendData(server, data)

    def _look_inside(self, sni: SniCheck, data: bytes) -> CommandGenerator[bytes]:
        """What may go on of the device's bytes: under `enforce` none before the name was seen to be right."""
        try:
            passed = sni.feed(data)
        except SniMismatchError as mismatch:
            yield from self._mismatch(sni, str(mismatch))
            return b"" if sni.enforced else data
        if sni.is_over:
            self._sni = None
        return passed if sni.enforced else data

    def _mismatch(self, sni: SniCheck, words: str) -> CommandGenerator[None]:
        self._sni = None
        if sni.enforced:
            self._desk.ended(Reason.SNI_MISMATCH, words)
            yield from self._finish()
        else:
            self._desk.would(f"{Reason.SNI_MISMATCH}: {words}")

    def _ignore(self, _event: events.Event) -> CommandGenerator[None]:
        yield from ()

    # --- the steps ---

    def _connect(self, head: ConnectHead, early: bytes) -> CommandGenerator[None]:
        try:
            permit: Permit = yield from self._ask(self._desk.decide(head))
            server = yield from self._dial(permit)
            try:
                address = _endpoint(server.peername)[0]
                yield from self._ask(self._desk.admitted(permit, address))
            except RefusalError:
                yield commands.CloseConnection(server)
                raise
        except RefusalError as refusal:
            yield from self._refuse(refusal)
            return
        self._server = server
        self._state = self._relay
        self._buffer, self._sni = b"", permit.sni
        yield self._life
        if self._sni is not None:
            yield self._hello_alarm
        yield commands.SendData(self.context.client, ESTABLISHED)
        self._inside = self._desk.inspection(self.context, server)
        if self._inside is not None:
            self._state, self._sni = self._inspect, None
            yield from self._inside.handle_event(events.Start())
        if early:
            yield from self._state(events.DataReceived(self.context.client, early))

    def _dial(self, permit: Permit) -> CommandGenerator[Server]:
        server = FarEnd(address=permit.targets[0], sockname=(permit.egress, 0))
        error: DialError | None = yield Dial(server, permit.targets, permit.egress, permit.onward)
        if error is not None:
            raise _dial_refusal(error) from error
        if _endpoint(server.peername) not in permit.targets or _endpoint(server.sockname)[0] != permit.egress:
            yield commands.CloseConnection(server)
            raise RefusalError(Reason.EGRESS_UNAVAILABLE, "the connection left from another address than chosen")
        return server

    def _ask(self, question: Coroutine[Any, Any, T]) -> CommandGenerator[T]:
        """The gateway's answer, mostly at once; whatever goes wrong there is a refusal."""
        try:
            begun = Begun(question)
            if begun.is_over:
                return begun.answer
            ask = Ask(lambda: begun)
            yield ask
            return cast("T", ask.outcome())
        except RefusalError:
            raise
        except Exception as error:
            raise RefusalError(Reason.INTERNAL_ERROR) from error

    def _refuse(self, refusal: RefusalError) -> CommandGenerator[None]:
        self._state = self._ignore
        answer = self._desk.refused(refusal)
        if answer:
            yield commands.SendData(self.context.client, answer)
        yield commands.CloseConnection(self.context.client)

    def _finish(self) -> CommandGenerator[None]:
        self._state = self._ignore
        if self._server is not None:
            yield commands.CloseConnection(self._server)
        yield commands.CloseConnection(self.context.client)


def _dial_refusal(error: DialError) -> RefusalError:
    if isinstance(error, EgressUnusableError):
        return RefusalError(Reason.EGRESS_UNAVAILABLE, f"the egress address cannot be used: {error}")
    if isinstance(error, OutOfFilesError):
        return RefusalError(Reason.OVER_LIMIT, "the gateway has no descriptor left for another connection")
    return RefusalError(Reason.CONNECT_FAILED, f"the host does not answer: {error}")


def _endpoint(name: tuple[Any, ...] | None) -> tuple[str, int]:
    """Host and port of a socket's name, which for IPv6 has two more parts."""
    assert name is not None
    return str(name[0]), int(name[1])
