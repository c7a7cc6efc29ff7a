"""A device, or a far end, that does not read: what its own system has received by then, and what still comes."""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import ssl
import struct
import termios
from contextlib import suppress

from inner_gateway import HEAD, Inner


def open_tunnel(inner: Inner) -> ssl.SSLSocket:
    """A tunnel on a blocking socket; nothing of it is read but the answer."""
    device = inner.context().wrap_socket(socket.create_connection(inner.listener.address, timeout=10))
    device.sendall(HEAD)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += device.recv(1)
    assert answer.startswith(b"HTTP/1.1 200 ")
    return device


async def settled(reader: socket.socket) -> int:
    """Bytes in a socket's own receive buffer, once no more come."""
    counts = [-1] * 5
    while len(set(counts)) > 1 or counts[0] <= 0:
        await asyncio.sleep(0.02)
        (count,) = struct.unpack("i", fcntl.ioctl(reader.fileno(), termios.FIONREAD, b"\0" * 4))
        counts = [*counts[1:], count]
    return counts[0]


def until_reset(reader: socket.socket) -> int:
    """Bytes that come before a reset."""
    reader.settimeout(None)
    received = 0
    with suppress(ConnectionResetError):
        while part := os.read(reader.fileno(), 1 << 20):
            received += len(part)
        raise AssertionError("it ended instead of being reset")
    return received
