"""One socket of a connection: bytes in, bytes out, and a hold on the other side while this one cannot take more."""

from __future__ import annotations

import asyncio
import fcntl
import socket
import struct
import sys
from contextlib import suppress
from typing import Final, Protocol, cast

from mitmproxy.connection import Connection

CHUNK: Final = 576 * 1024
"""Bytes that are read from a socket in one go."""
BRIEF: Final = 32 * 1024
"""The same of a device that has no tunnel yet: it has not much to say, and what it says too early is kept."""
HIGH_WATER: Final = 128 * 1024
"""Bytes that wait to be sent from which on the other side is not read."""
OVERFLOW: Final = 4 * 1024 * 1024
"""Bytes that wait to be sent from which on the peer is taken for one that never reads.

Relayed bytes stay far below, since the other side is held; what TLS itself answers (key updates) is not.
"""
LINGER: Final = 10.0
"""Seconds without a byte taken, after which a peer is cut that was sent something before its connection was closed."""
LONGEST_LINGER: Final = 120.0
"""Seconds that it gets in all, however steadily it takes it."""

# One buffer for all sockets: the event loop fills it and hands it over before it looks at another socket.
ARRIVED: Final = memoryview(bytearray(CHUNK))

_LOOK_EVERY: Final = 0.05
# Linux: the bytes of a TCP socket that have not been sent yet. Once it is closed, nobody could take them back.
_SIOCOUTQNSD: Final = 0x894B


class Owner(Protocol):
    """Who a socket belongs to. Once it was given up (closed or reset), its owner hears of nothing but its loss."""

    def received(self, wire: Wire, data: bytes) -> None: ...

    def ended(self, wire: Wire) -> None:
        """The peer has said its last word and may still listen."""

    def lost(self, wire: Wire) -> None:
        """Nothing goes either way any more."""

    def pressed(self) -> None:
        """A socket has begun, or ceased, to be unable to take more."""


class Wire(asyncio.BufferedProtocol):
    """A socket."""

    __slots__ = ("_given_up", "_into", "_may_read", "_reads", "_watch", "connection", "full", "owner", "transport")

    def __init__(self, owner: Owner | None = None, connection: Connection | None = None) -> None:
        self.owner = owner
        self.connection = connection
        self.transport: asyncio.Transport | None = None
        self.full = False
        self._given_up = False
        self._into = ARRIVED
        self._reads = True
        self._may_read = True
        self._watch: asyncio.TimerHandle | None = None

    # --- turns of the event loop ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(HIGH_WATER)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002
        return self._into

    def buffer_updated(self, nbytes: int) -> None:
        if self.owner is not None and not self._given_up:
            self.owner.received(self, bytes(ARRIVED[:nbytes]))

    def eof_received(self) -> bool:
        self._may_read = False
        if self.owner is None or self._given_up:
            return False
        self.owner.ended(self)
        return True

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        if self._watch is not None:
            self._watch.cancel()
        owner, self.owner = self.owner, None
        if owner is not None:
            owner.lost(self)

    def pause_writing(self) -> None:
        self.full = True
        self._press()

    def resume_writing(self) -> None:
        self.full = False
        self._press()

    def _press(self) -> None:
        if self.owner is not None and not self._given_up:
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

    def read_little(self, little: bool) -> None:
        """How much is read in one go: BRIEF or CHUNK, which is what a wire begins with."""
        self._into = ARRIVED[:BRIEF] if little else ARRIVED

    def half_close(self) -> None:
        """Say the last word, and still listen."""
        if self.transport is not None and not self.transport.is_closing():
            with suppress(OSError):
                self.transport.write_eof()

    def close(self) -> None:
        """Close once everything has been sent. Until then `reset` still takes back what has not."""
        self._given_up = True
        if self.transport is None or self.transport.is_closing():
            return
        unsent = self._unsent()
        if not unsent:
            self.transport.close()
            return
        self.read(False)
        now = asyncio.get_running_loop().time()
        self._look_again(unsent, now, now + LONGEST_LINGER)

    def reset(self) -> None:
        """Close at once; without the linger option the system would still deliver what it has buffered."""
        self._given_up = True
        if self.transport is None:
            return
        with suppress(OSError):
            at_once = struct.pack("ii", 1, 0)
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        self.transport.abort()

    # --- what is still to be sent ---

    def _unsent(self) -> int:
        """Bytes that have not left this machine."""
        assert self.transport is not None
        count = self.transport.get_write_buffer_size()
        with suppress(OSError):
            answer = fcntl.ioctl(self.transport.get_extra_info("socket").fileno(), _SIOCOUTQNSD, bytes(4))
            count += int.from_bytes(answer, sys.byteorder)
        return count

    def _look_again(self, unsent: int, since: float, until: float) -> None:
        """`unsent` bytes have been waiting to be sent `since` then."""
        self._watch = asyncio.get_running_loop().call_later(_LOOK_EVERY, self._look, unsent, since, until)

    def _look(self, before: int, since: float, until: float) -> None:
        assert self.transport is not None
        now, unsent = asyncio.get_running_loop().time(), self._unsent()
        if unsent != before:
            since = now
        if not unsent:
            self.transport.close()
        elif now >= until or now - since >= LINGER:
            self.reset()
        else:
            self._look_again(unsent, since, until)
