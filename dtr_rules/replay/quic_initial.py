"""The ClientHello in a client's QUIC Initial packets, version 1 (RFC 9000, RFC 9001) and 2 (RFC 9369).

Initial packets are encrypted with keys that anybody can derive from the connection id that the client chose, so what
they carry is as open as a TLS ClientHello. It may be spread over several packets, its parts in any order.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dtr_rules.client_hello import ClientHello, message_length, parse_client_hello
from dtr_rules.replay.byte_stream import ByteStream, GapError

MAX_DATAGRAMS: Final = 16
"""Datagrams of a conversation in which the ClientHello is looked for; real ones are whole within 2 to 4."""
_MAX_COALESCED: Final = 8


class QuicError(ValueError):
    """No QUIC Initial of a client that can be read. The message says why."""


class QuicVersionError(QuicError):
    """QUIC of a version whose Initial packets cannot be read."""


@dataclass(frozen=True, slots=True)
class _Version:
    """What makes a version's Initial packets: RFC 9001, 5.2 and RFC 9369, 3."""

    packet_type: int
    salt: bytes
    label: str


_VERSIONS: Final = {
    1: _Version(0b00, bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a"), "quic"),
    0x6B3343CF: _Version(0b01, bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9"), "quicv2"),
}


@dataclass(frozen=True, slots=True)
class _Initial:
    """One Initial packet, still protected."""

    version: _Version
    destination: bytes
    header: bytes
    """From the first byte to before the packet number."""
    protected: bytes
    """Packet number and payload."""


class QuicInitialReader:
    """A ClientHello out of the datagrams that a client sends."""

    __slots__ = ("_datagrams", "_keys", "_message", "_stream")

    def __init__(self) -> None:
        self._keys: list[_Keys] = []
        self._stream = ByteStream()
        self._message = bytearray()
        self._datagrams = 0

    @property
    def held(self) -> int:
        """Bytes that are kept."""
        return len(self._message) + self._stream.held

    def feed(self, datagram: bytes) -> ClientHello | None:
        """The ClientHello once it is whole; None as long as more is needed.

        Raises QuicError or ClientHelloError where nothing more is to be hoped for.
        """
        self._datagrams += 1
        if self._datagrams > MAX_DATAGRAMS:
            raise QuicError(f"no ClientHello in {MAX_DATAGRAMS} datagrams")
        for packet in _initials(datagram):
            try:
                for offset, data in _crypto_frames(self._opened(packet)):
                    self._message += self._stream.add(offset, data)
            except GapError as error:
                raise QuicError("a part of the ClientHello does not come") from error
            length = message_length(self._message)
            if length is not None and len(self._message) >= length:
                return parse_client_hello(bytes(self._message[:length]))
        return None

    def _opened(self, packet: _Initial) -> bytes:
        """The packet's payload. The first connection id makes the keys, and after a Retry the new one."""
        for keys in self._keys:
            payload = keys.open(packet)
            if payload is not None:
                return payload
        keys = _Keys(packet.version, packet.destination)
        payload = keys.open(packet)
        if payload is None:
            raise QuicError("an Initial that does not decrypt")
        self._keys = [*self._keys[-1:], keys]
        return payload


class _Keys:
    """The client's Initial keys (RFC 9001, 5.2)."""

    __slots__ = ("_aead", "_iv", "_mask")

    def __init__(self, version: _Version, connection_id: bytes) -> None:
        secret = hmac.digest(version.salt, connection_id, hashlib.sha256)
        client = _expand(secret, "client in", 32)
        self._aead = AESGCM(_expand(client, f"{version.label} key", 16))
        self._iv = int.from_bytes(_expand(client, f"{version.label} iv", 12), "big")
        protection = algorithms.AES(_expand(client, f"{version.label} hp", 16))
        self._mask = Cipher(protection, modes.ECB())  # noqa: S305  RFC 9001, 5.4.3: a mask of one block, no message

    def open(self, packet: _Initial) -> bytes | None:
        """The payload; None where these are not its keys."""
        protected = packet.protected
        mask = self._mask.encryptor().update(protected[4:20])
        first = packet.header[0] ^ (mask[0] & 0x0F)
        size = (first & 0x03) + 1
        number = bytes(one ^ other for one, other in zip(protected[:size], mask[1:], strict=False))
        nonce = (self._iv ^ int.from_bytes(number, "big")).to_bytes(12, "big")
        header = bytes([first]) + packet.header[1:] + number
        try:
            return self._aead.decrypt(nonce, protected[size:], header)
        except InvalidTag:
            return None


def is_long_header(datagram: bytes) -> bool:
    """Whether this may be QUIC's start: a long header with the fixed bit and a version (RFC 8999, 5.1)."""
    return len(datagram) >= 7 and datagram[0] & 0xC0 == 0xC0 and datagram[1:5] != b"\0\0\0\0" and datagram[5] <= 20


def _initials(datagram: bytes) -> Iterator[_Initial]:
    """The Initial packets in a datagram; others may stand beside them (RFC 9000, 12.2)."""
    at = 0
    for _ in range(_MAX_COALESCED):
        if at >= len(datagram) or datagram[at] & 0xC0 != 0xC0:
            return  # a short header ends the datagram; so does padding
        packet, at = _long_header(datagram, at)
        if packet is not None:
            yield packet


def _long_header(datagram: bytes, start: int) -> tuple[_Initial | None, int]:
    """The packet, None where it is no Initial, and where the next one starts (RFC 9000, 17.2)."""
    number = int.from_bytes(_take(datagram, start + 1, 4), "big")
    version = _VERSIONS.get(number)
    if version is None:
        raise QuicVersionError(f"QUIC version {number:#010x}")
    destination = _connection_id(datagram, start + 5)
    at = start + 6 + len(destination)
    at += 1 + len(_connection_id(datagram, at))
    kind = (datagram[start] >> 4) & 0x03
    if kind == version.packet_type:
        token, at = _varint(datagram, at)
        at += token
    elif kind == (version.packet_type + 3) % 4:  # a Retry, which has no length: RFC 9000, 17.2.5
        return None, len(datagram)
    length, at = _varint(datagram, at)
    protected = _take(datagram, at, length)
    if kind != version.packet_type:
        return None, at + length
    if length < 20:  # RFC 9001, 5.4.2: the sample for the header's protection must be there
        raise QuicError("an Initial that is too short")
    return _Initial(version, destination, datagram[start:at], protected), at + length


def _connection_id(data: bytes, at: int) -> bytes:
    length = _take(data, at, 1)[0]
    if length > 20:
        raise QuicError("a connection id longer than 20 bytes")
    return _take(data, at + 1, length)


def _crypto_frames(payload: bytes) -> Iterator[tuple[int, bytes]]:
    """Offset and data of the CRYPTO frames among those that an Initial may hold (RFC 9000, 12.4)."""
    at = 0
    while at < len(payload):
        kind = payload[at]
        at += 1
        if kind == 0x06:
            offset, at = _varint(payload, at)
            length, at = _varint(payload, at)
            yield offset, _take(payload, at, length)
            at += length
        elif kind in (0x02, 0x03):
            at = _behind_ack(payload, at, counts=kind == 0x03)
        elif kind in (0x1C, 0x1D):
            return  # the connection ends here
        elif kind not in (0x00, 0x01):
            raise QuicError(f"a frame of type {kind:#x} in an Initial")


def _behind_ack(payload: bytes, at: int, *, counts: bool) -> int:
    _largest, at = _varint(payload, at)
    _delay, at = _varint(payload, at)
    ranges, at = _varint(payload, at)
    if ranges > len(payload):
        raise QuicError("an ACK with more ranges than bytes")
    for _ in range(1 + 2 * ranges + (3 if counts else 0)):
        _value, at = _varint(payload, at)
    return at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of 1 to 8 bytes and where it ends (RFC 9000, 16)."""
    size = 1 << (_take(data, at, 1)[0] >> 6)
    value = int.from_bytes(_take(data, at, size), "big")
    return value & ((1 << (8 * size - 2)) - 1), at + size


def _take(data: bytes, at: int, count: int) -> bytes:
    if at + count > len(data):
        raise QuicError("ends within a packet")
    return data[at : at + count]


def _expand(secret: bytes, label: str, length: int) -> bytes:
    """HKDF-Expand-Label with an empty context (RFC 8446, 7.1); one block is enough for 32 bytes."""
    name = f"tls13 {label}".encode()
    info = length.to_bytes(2, "big") + bytes([len(name)]) + name + b"\0"
    return hmac.digest(secret, info + b"\x01", hashlib.sha256)[:length]
