"""One socket of a connection: bytes in, bytes out, and a hold on the other side while this one cannot take more."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Final, Protocol, cast

from mitmproxy.connection import Connection

CHUNK: Final = 256 * 1024
"""Bytes that are read from a socket in one go."""
HIGH_WATER: Final = 128 * 1024
"""Bytes that wait to be sent from which on the other side is not read."""
OVERFLOW: Final = 4 * 1024 * 1024
"""Bytes that wait to be sent from which on the peer is taken for one that never reads.

Relayed bytes stay far below, since the other side is held; what TLS itself answers (key updates) is not.
"""
LINGER: Final = 10.0
"""Seconds that a peer gets to take what was sent to it before its connection was closed."""

# One buffer for all sockets: the event loop fills it and hands it over before it looks at another socket.
_CHUNK = memoryview(bytearray(CHUNK))


class Owner(Protocol):
    """Who a socket belongs to."""

    def received(self, wire: Wire, data: bytes) -> None: ...

    def ended(self, wire: Wire) -> None:
        """The peer has said its last word and may still listen."""

    def lost(self, wire: Wire) -> None:
        """Nothing goes either way any more."""

    def pressed(self) -> None:
        """A socket has begun, or ceased, to be unable to take more."""


class Wire(asyncio.BufferedProtocol):
    """A socket. Without an owner (its connection was given up) it only waits for its own end."""

    __slots__ = ("_linger", "_may_read", "_reads", "connection", "full", "owner", "transport")

    def __init__(self, owner: Owner | None = None, connection: Connection | None = None) -> None:
        self.owner = owner
        self.connection = connection
        self.transport: asyncio.Transport | None = None
        self.full = False
        self._reads = True
        self._may_read = True
        self._linger: asyncio.TimerHandle | None = None

    # --- turns of the event loop ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(HIGH_WATER)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002
        return _CHUNK

    def buffer_updated(self, nbytes: int) -> None:
        if self.owner is not None:
            self.owner.received(self, bytes(_CHUNK[:nbytes]))

    def eof_received(self) -> bool:
        self._may_read = False
        if self.owner is not None:
            self.owner.ended(self)
        # TLS (to a proxy) knows no half close, and asyncio says so loudly where one is asked for.
        return self.owner is not None and self.transport is not None and self.transport.can_write_eof()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        if self._linger is not None:
            self._linger.cancel()
        owner, self.owner = self.owner, None
        if owner is not None:
            owner.lost(self)

    def pause_writing(self) -> None:
        self.full = True
        if self.owner is not None:
            self.owner.pressed()

    def resume_writing(self) -> None:
        self.full = False
        if self.owner is not None:
            self.owner.pressed()

    # --- what its owner does with it ---

    def send(self, data: bytes) -> bool:
        """Whether it could be taken; it cannot by a peer that has let too much pile up."""
        assert self.transport is not None
        if not self.transport.is_closing():
            self.transport.write(data)
        return not self.full or self.transport.get_write_buffer_size() < OVERFLOW

    def read(self, wanted: bool) -> None:
        """Read on, or leave what comes in the network."""
        if wanted is self._reads or not self._may_read or self.transport is None:
            return
        self._reads = wanted
        if wanted:
            self.transport.resume_reading()
        else:
            self.transport.pause_reading()

    def half_close(self) -> bool:
        """Say the last word, and still listen. False where the peer cannot be told so."""
        if self.transport is None or not self.transport.can_write_eof():
            return False
        if not self.transport.is_closing():
            with suppress(OSError):
                self.transport.write_eof()
        return True

    def close(self) -> None:
        """Send what waits to be sent, and close; a peer that does not take it is cut in the end."""
        self.owner = None
        if self.transport is not None and not self.transport.is_closing():
            self._linger = asyncio.get_running_loop().call_later(LINGER, self.reset)
            self.transport.close()

    def reset(self) -> None:
        """Close at once; without the linger option the system would still deliver what it has buffered."""
        self.owner = None
        if self.transport is None:
            return
        with suppress(OSError):
            at_once = struct.pack("ii", 1, 0)
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        self.transport.abort()
