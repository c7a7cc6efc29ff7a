"""Read a TLS ClientHello as it stands on the wire: server name, ALPN and whether there is Encrypted Client Hello.

No I/O: bytes come in as they arrive, in pieces of any size; the handshake message may be spread over several TLS
records and the records over several TCP segments. Every length is held against the bytes that are there, and what
RFC 8446 and RFC 6066 do not allow is an error, never a guess.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

MAX_MESSAGE: Final = 65536
"""The longest handshake message that is read, in bytes; real ones have 200 to 2,000."""
MAX_RECORD: Final = 1 << 14  # RFC 8446, 5.1
_MAX_RECORDS: Final = 256  # real ones come in one; nobody needs a record for every few bytes

_HANDSHAKE: Final = 22
_CLIENT_HELLO: Final = 1
_SERVER_NAME: Final = 0
_ALPN: Final = 16
_ENCRYPTED_CLIENT_HELLO: Final = 0xFE0D  # RFC 9849
_HOST_NAME: Final = 0
_EXTENSION: Final = struct.Struct("!HH")


class ClientHelloError(ValueError):
    """Bytes that are no ClientHello. The message says what is wrong with them."""


@dataclass(frozen=True, slots=True)
class ClientHello:
    """What a client says in the clear.

    `server_name` is the name as sent (printable ASCII, else an error), None where there is none; whether it is a host
    is for `parse_host` to say. `encrypted_client_hello` says that the extension is there: then the name may be the
    outer one. Browsers also send it empty-handed (GREASE), which looks the same.
    """

    server_name: str | None
    alpn: tuple[bytes, ...]
    encrypted_client_hello: bool


class ClientHelloReader:
    """A ClientHello out of a client's byte stream, from its first byte on."""

    def __init__(self) -> None:
        self._header = bytearray()
        self._left = 0
        self._records = 0
        self._message = bytearray()
        self.taken = 0
        """Bytes that were read; once the ClientHello is whole, those that were fed behind it are not among them."""

    @property
    def held(self) -> int:
        """Bytes that are kept."""
        return len(self._message) + len(self._header)

    def feed(self, data: bytes) -> ClientHello | None:
        """The ClientHello once it is whole; None as long as more is needed. Raises ClientHelloError."""
        start = 0
        while start < len(data):
            if self._left == 0:
                start = self._read_header(data, start)
                continue
            end = min(len(data), start + self._left)
            self._message += data[start:end]
            self._left -= end - start
            start = end
            if self._is_whole():
                self.taken += start
                return parse_client_hello(bytes(self._message))
        self.taken += len(data)
        return None

    def _read_header(self, data: bytes, start: int) -> int:
        wanted = 5 - len(self._header)
        self._header += data[start : start + wanted]
        if self._header[0] != _HANDSHAKE:
            raise ClientHelloError(f"a TLS record of type {self._header[0]} where a handshake record (22) must stand")
        if len(self._header) > 1 and self._header[1] != 3:
            raise ClientHelloError("not a TLS record: its version does not start with 3")
        if len(self._header) == 5:
            self._left = self._record_length(int.from_bytes(self._header[3:5], "big"))
            self._header.clear()
        return start + wanted

    def _record_length(self, length: int) -> int:
        self._records += 1
        if not 1 <= length <= MAX_RECORD:
            raise ClientHelloError(f"a handshake record of {length} bytes; it has 1 to {MAX_RECORD}")
        if self._records > _MAX_RECORDS:
            raise ClientHelloError(f"spread over more than {_MAX_RECORDS} records")
        return length

    def _is_whole(self) -> bool:
        length = message_length(self._message)
        if length is None or len(self._message) < length:
            return False
        if len(self._message) > length or self._left:
            raise ClientHelloError("more bytes behind the ClientHello in its record")
        return True


def message_length(start: bytes | bytearray) -> int | None:
    """The length of the handshake message, its header included; None where less than the header is there.

    Raises ClientHelloError where it is no ClientHello or too long.
    """
    if start and start[0] != _CLIENT_HELLO:
        raise ClientHelloError(f"handshake message {start[0]} where a ClientHello (1) must stand")
    if len(start) < 4:
        return None
    length = 4 + int.from_bytes(start[1:4], "big")
    if length > MAX_MESSAGE:
        raise ClientHelloError(f"a ClientHello of {length} bytes; no more than {MAX_MESSAGE} are read")
    return length


def parse_client_hello(message: bytes) -> ClientHello:
    """The whole handshake message, its four-byte header included (QUIC carries it so). Raises ClientHelloError."""
    length = message_length(message)
    if length is None or length != len(message):
        raise ClientHelloError(f"{len(message)} bytes, and the handshake header says {length}")
    body = _Bytes(message, 4)
    body.take(2 + 32, "version and random")
    body.vector(1, "session id", at_most=32)
    if len(body.vector(2, "cipher suites", at_least=2)) % 2:
        raise ClientHelloError("half a cipher suite")
    body.vector(1, "compression methods", at_least=1)
    extensions = _extensions(body.vector(2, "extensions")) if body else {}
    body.must_end("extensions")
    name, alpn = extensions.get(_SERVER_NAME), extensions.get(_ALPN)
    return ClientHello(
        server_name=None if name is None else _server_name(name),
        alpn=() if alpn is None else _protocols(alpn),
        encrypted_client_hello=_ENCRYPTED_CLIENT_HELLO in extensions,
    )


def _extensions(data: bytes) -> dict[int, bytes]:
    """Without `_Bytes`, which would take a third of the time of the whole: there are twenty of them in each."""
    at, end, found = 0, len(data), dict[int, bytes]()
    while at < end:
        if end - at < 4:
            raise ClientHelloError("ends within an extension's type or length")
        kind, length = _EXTENSION.unpack_from(data, at)
        at += 4
        if kind in found:  # RFC 8446, 4.2
            raise ClientHelloError(f"extension {kind} stands there twice")
        if end - at < length:
            raise ClientHelloError(f"ends within its extension {kind}")
        found[kind] = data[at : at + length]
        at += length
    return found


def _server_name(data: bytes) -> str | None:
    outer = _Bytes(data)
    names = _Bytes(outer.vector(2, "server name list", at_least=1))
    outer.must_end("server name list")
    found: bytes | None = None
    while names:
        kind = names.take(1, "name type")[0]
        name = names.vector(2, "server name", at_least=1)
        if kind == _HOST_NAME and found is not None:  # RFC 6066, 3: one name of each type
            raise ClientHelloError("two host names")
        found = name if kind == _HOST_NAME else found
    if found is None:
        return None
    if any(not 0x21 <= byte <= 0x7E for byte in found):
        raise ClientHelloError("the server name holds bytes that are no printable ASCII")
    return found.decode("ascii")


def _protocols(data: bytes) -> tuple[bytes, ...]:
    outer = _Bytes(data)
    names = _Bytes(outer.vector(2, "ALPN list", at_least=2))
    outer.must_end("ALPN list")
    found = []
    while names:
        found.append(names.vector(1, "ALPN protocol", at_least=1))
    return tuple(found)


class _Bytes:
    """Bytes that are taken from the front; what is not there is an error."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data = data
        self._at = at

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def take(self, count: int, what: str) -> bytes:
        end = self._at + count
        if end > len(self._data):
            raise ClientHelloError(f"ends within its {what}")
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def vector(self, width: int, what: str, *, at_least: int = 0, at_most: int = MAX_MESSAGE) -> bytes:
        """A vector of RFC 8446, 3.4: its length in `width` bytes, then that many bytes."""
        length = int.from_bytes(self.take(width, what), "big")
        if not at_least <= length <= at_most:
            raise ClientHelloError(f"{length} bytes of {what}; at least {at_least}, at most {at_most} may stand there")
        return self.take(length, what)

    def must_end(self, what: str) -> None:
        if self:
            raise ClientHelloError(f"more bytes behind its {what}")
