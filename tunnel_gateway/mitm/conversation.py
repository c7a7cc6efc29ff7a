"""What a connection and the gateway have to say to each other, and how long that may take."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from mitmproxy.connection import Server
from mitmproxy.proxy import commands
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layer import Layer


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a connection may take for each of its steps, in seconds, and how many connections there may be."""

    handshake: float = 10.0
    head: float = 10.0
    connect: float = 10.0
    idle: float = 600.0
    total: float = 12 * 3600.0
    connections: int = 4096
    connections_per_source: int = 512
    drain: float = 10.0
    tunnels_per_device: int = 256


@dataclass(frozen=True, slots=True)
class Onward:
    """A proxy to go on through: TLS to it, verified for `name`, then CONNECT to `target` (host and port)."""

    tls: ssl.SSLContext
    name: str
    target: str


class Conversation(Protocol):
    """What the gateway does at each turn of one connection. None of these may block."""

    def layer(self, context: Context) -> Layer:
        """The layer that speaks inside the client's TLS."""

    def handshake_done(self, leaf: bytes | None, intermediates: list[bytes]) -> None:
        """The client's certificates in DER, unjudged; a resumed session presents no intermediates."""

    def handshake_failed(self, detail: str) -> None: ...

    def handshake_timed_out(self) -> None: ...

    def broken(self) -> None:
        """The client's TLS broke after the handshake."""

    def idle(self) -> None: ...

    def crashed(self, error: BaseException | None) -> None: ...

    def closed(self) -> None:
        """The connection is over; what was sent before may still be on its way."""

    def gone(self) -> None:
        """The last word: none of its sockets is left."""


class Host(Protocol):
    """Who the connections come to."""

    @property
    def limits(self) -> Limits: ...

    def converse(self, client: tuple[str, int], cut: Callable[[], None]) -> Conversation:
        """Begin a conversation with the client at an address; `cut` aborts its connection, until it is gone."""

    def turn_away(self, source: str) -> None:
        """A connection from this address was refused for want of room."""


@dataclass
class Ask(commands.StartHook):
    """A layer's question to the world: the layer waits until `question` has been answered, or has failed.

    A failure is handed to the layer as `error`; mitmproxy by itself would log it and leave the layer waiting for ever.
    """

    question: Callable[[], Awaitable[Any]]
    answer: Any = field(default=None, init=False)
    error: Exception | None = field(default=None, init=False)

    def outcome(self) -> Any:
        """The answer. Raises what the question raised."""
        if self.error is not None:
            raise self.error
        return self.answer


class Dial(commands.OpenConnection):
    """Connect `server` from the address `egress` to whichever of `targets` answers first, all of them judged before.

    Its reply is None, or the DialError.
    """

    def __init__(
        self, server: Server, targets: Sequence[tuple[str, int]], egress: str, onward: Onward | None = None
    ) -> None:
        super().__init__(server)
        self.targets = targets
        self.egress = egress
        self.onward = onward
