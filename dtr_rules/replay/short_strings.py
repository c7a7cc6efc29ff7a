"""JSON without its long strings: bodies in a HAR file may be larger than memory, and nothing of them is needed."""

from __future__ import annotations

import re
from typing import IO, Final

LONGEST: Final = 1 << 16
"""Bytes of a string that are kept; the rest is left away."""
_CHUNK: Final = 1 << 18
_LONGEST_ESCAPE: Final = 6  # a backslash, u and four digits
_NOT_ASCII: Final = bytes(range(0x80, 0x100))
_CONTENT: Final = re.compile(rb'(?:[^"\\]++|\\u[0-9a-fA-F]{4}|\\[^u])*+', re.DOTALL)


class ShortStrings:
    """A file that gives the JSON of another one, strings cut to LONGEST bytes. For `read(size)` alone.

    Strings are cut between characters, never within an escape: what was JSON still is.
    """

    def __init__(self, stream: IO[bytes], longest: int = LONGEST) -> None:
        self._stream = stream
        self._longest = longest
        self._within = False
        self._kept = 0
        self._open = b""
        """The start of an escape or character whose rest has not come yet."""

    def read(self, size: int = -1) -> bytes:
        """Up to about `size` bytes; none at the end of the file alone."""
        if size == 0:
            return b""
        while chunk := self._stream.read(_CHUNK if size < 0 else min(size, _CHUNK)):
            short = self._shortened(self._open + chunk)
            if short:
                return short
        rest, self._open = self._open, b""
        return rest

    def _shortened(self, data: bytes) -> bytes:
        at, parts = 0, []
        self._open = b""
        while at < len(data):
            end = self._end_of_string(data, at) if self._within else self._end_of_others(data, at)
            parts.append(self._some(data[at:end]) if self._within else data[at:end])
            at = end
            if at < len(data) and self._is_open(data, at):
                self._open = data[at:]
                break
            if at < len(data) and (not self._within or data[at] == 0x22):
                parts.append(data[at : at + 1])
                self._within, self._kept = not self._within, 0
                at += 1
        return b"".join(parts)

    def _end_of_others(self, data: bytes, at: int) -> int:
        quote = data.find(b'"', at)
        return len(data) if quote < 0 else quote

    def _end_of_string(self, data: bytes, at: int) -> int:
        """Where the whole characters of a string end: at its quote, or at a character whose rest is to come."""
        found = _CONTENT.match(data, at)
        end = at if found is None else found.end()
        if end < len(data):
            return end + (data[end] == 0x5C and not self._is_open(data, end))  # an escape that is none: no JSON
        leads = [last for last in range(max(at, end - 4), end) if data[last] >= 0xC0]
        return leads[-1] if leads else end

    def _is_open(self, data: bytes, at: int) -> bool:
        short = len(data) - at < _LONGEST_ESCAPE
        return self._within and data[at] != 0x22 and short

    def _some(self, piece: bytes) -> bytes:
        """As much of a piece of a string as may be kept."""
        room = max(0, self._longest - self._kept)
        self._kept += len(piece)
        if len(piece) <= room:
            return piece
        self._kept += self._longest  # what comes behind a cut is not wanted either
        found = _CONTENT.match(piece, 0, room)
        return piece[: 0 if found is None else found.end()].rstrip(_NOT_ASCII)
