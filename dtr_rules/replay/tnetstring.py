"""Typed netstrings (tnetstrings.org, with mitmproxy's `;` for text), read as a stream.

A value is its length, a colon, its bytes and a letter for its type: the type comes last. So whoever wants to look into
a large mapping without holding it must know beforehand that it is one. What is not wanted is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, Final, TypeAlias

MAX_VALUE: Final = 1 << 18
"""Bytes of a value that is read whole."""
_MAX_DIGITS: Final = 12
_MAX_DEPTH: Final = 16
_CHUNK: Final = 1 << 18

Value: TypeAlias = "bool | int | float | bytes | str | list[Value] | dict[str, Value] | None"


class TnetstringError(ValueError):
    """Bytes that are no tnetstring, or the file's end within one."""


class Reader:
    """Values out of a file, one after the other."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._read = stream.read

    def length(self) -> int | None:
        """The length of the next value; None at the end of the file. Raises TnetstringError."""
        digits = bytearray()
        while True:
            char = self._read(1)
            if char == b":" and digits:
                return int(digits)
            if not char and not digits:
                return None
            if not char.isdigit() or len(digits) >= _MAX_DIGITS:
                raise TnetstringError("damaged: a length was to stand there, and a colon")
            digits += char

    def value(self, length: int) -> Value:
        """The value of `length` bytes, whole."""
        if length > MAX_VALUE:
            raise TnetstringError(f"damaged: {length:,} bytes where a short value was to stand")
        return parse(self._exactly(length), self.kind())

    def kind(self) -> int:
        """The letter behind a value."""
        return self._exactly(1)[0]

    def skip(self, length: int) -> None:
        """Pass over a value of `length` bytes and its letter."""
        left = length + 1
        while left:
            left -= len(self._exactly(min(left, _CHUNK)))

    def items(self, length: int) -> Iterator[int]:
        """The lengths of the values in a list or mapping of `length` bytes; each is to be read or passed over."""
        left = length
        while left > 0:
            inner = self.length()
            if inner is None:
                raise TnetstringError("the file ends within a flow")
            left -= len(str(inner)) + 1 + inner + 1
            if left < 0:
                raise TnetstringError("damaged: a value longer than what it stands in")
            yield inner

    def pairs(self, length: int) -> Iterator[tuple[str, int]]:
        """Key and length of every value in a mapping; each value is to be read or passed over."""
        lengths = self.items(length)
        for inner in lengths:
            key = self.value(inner)
            value_length = next(lengths, None)
            if value_length is None or not isinstance(key, str | bytes):
                raise TnetstringError("damaged: no mapping of text to values")
            yield key if isinstance(key, str) else key.decode("latin-1"), value_length

    def _exactly(self, count: int) -> bytes:
        data = self._read(count)
        if len(data) < count:
            raise TnetstringError("the file ends within a flow")
        return data


def parse(data: bytes, kind: int, depth: int = 0) -> Value:
    """The value that `data` is. Raises TnetstringError."""
    if depth > _MAX_DEPTH:
        raise TnetstringError("damaged: lists within lists, too many of them")
    read = _KINDS.get(kind)
    try:
        if read is not None:
            return read(data)
        if kind == ord("]"):
            return list(_inner(data, depth))
        if kind == ord("}"):
            values = list(_inner(data, depth))
            keys = [key if isinstance(key, str) else key.decode("latin-1") for key in values[::2]]  # type: ignore[union-attr]
            return dict(zip(keys, values[1::2], strict=True))
    except TnetstringError:
        raise
    except (ValueError, AttributeError) as error:
        raise TnetstringError("damaged: a value that is not of its type") from error
    raise TnetstringError("damaged: a value of no known type")


def _inner(data: bytes, depth: int) -> Iterator[Value]:
    at = 0
    while at < len(data):
        colon = data.find(b":", at, at + _MAX_DIGITS + 1)
        digits = data[at:colon]
        if colon < 0 or not digits.isdigit() or colon + 1 + int(digits) >= len(data):
            raise TnetstringError("damaged: a value longer than what it stands in")
        end = colon + 1 + int(digits)
        yield parse(data[colon + 1 : end], data[end], depth + 1)
        at = end + 1


def _number(data: bytes) -> int:
    if len(data) > 32:
        raise ValueError
    return int(data)


_KINDS: Final[dict[int, Callable[[bytes], Value]]] = {
    ord(","): bytes,
    ord(";"): lambda data: data.decode("utf-8"),
    ord("#"): _number,
    ord("^"): float,
    ord("!"): lambda data: data == b"true",
    ord("~"): lambda _data: None,
}
