"""Bytes that arrive in pieces, in any order, some twice: back into one stream, within a bounded window."""

from __future__ import annotations

from typing import Final

WINDOW: Final = 1 << 16
"""How far ahead of what is missing a piece may lie."""
MAX_PIECES: Final = 64
_HALF: Final = 1 << 31
_MODULO: Final = 1 << 32


class GapError(Exception):
    """What is missing will not come any more: too much arrived behind it."""


class ByteStream:
    """Pieces by their offset from 0. Where pieces overlap, the bytes that came first count."""

    __slots__ = ("_pieces", "held", "next")

    def __init__(self) -> None:
        self._pieces: dict[int, bytes] = {}
        self.next = 0
        """The offset of the first byte that has not come."""
        self.held = 0
        """Bytes that are kept because something before them is missing."""

    def add(self, offset: int, data: bytes) -> bytes:
        """The bytes that this piece makes readable, often none. Raises GapError."""
        if offset > self.next:
            self._keep(offset, data)
            return b""
        ready = data[self.next - offset :]
        self.next += len(ready)
        return ready + self._follow_up() if self._pieces and ready else ready

    def _keep(self, offset: int, data: bytes) -> None:
        if offset - self.next > WINDOW or self.held > WINDOW or len(self._pieces) >= MAX_PIECES:
            raise GapError
        if data and len(self._pieces.get(offset, b"")) < len(data):
            self.held += len(data) - len(self._pieces.get(offset, b""))
            self._pieces[offset] = data

    def _follow_up(self) -> bytes:
        """What was kept and is readable now."""
        ready = bytearray()
        while usable := [offset for offset in self._pieces if offset <= self.next]:
            for offset in sorted(usable):
                data = self._pieces.pop(offset)
                self.held -= len(data)
                fresh = data[max(0, self.next - offset) :]
                ready += fresh
                self.next += len(fresh)
        return bytes(ready)


class TcpStream:
    """One direction of a TCP connection (RFC 9293), from its first byte on."""

    __slots__ = ("_base", "_stream")

    def __init__(self, first: int | None) -> None:
        """`first` is the sequence number of the first byte; None where the capture began later: then it is the
        first byte that comes."""
        self._base = first
        self._stream = ByteStream()

    @property
    def held(self) -> int:
        return self._stream.held

    def add(self, sequence: int, data: bytes) -> bytes:
        """The bytes that this segment makes readable. Raises GapError."""
        if self._base is None:
            self._base = sequence
        offset = (sequence - self._base - self._stream.next) % _MODULO
        offset = offset - _MODULO if offset >= _HALF else offset
        at = self._stream.next + offset
        return self._stream.add(at, data) if at >= 0 else self._stream.add(0, data[-at:])
