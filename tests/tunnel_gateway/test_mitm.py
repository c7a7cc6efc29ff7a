"""What this project relies on in mitmproxy's inside, and what it adds: time limits, a proper end, a cut."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hellos import hello
from inner_gateway import HEAD, Inner, inner_gateway, reset

from tunnel_gateway.mitm import CannotListenError, Limits, Listener


def _run(tmp_path: Path, test: Callable[[Inner], Awaitable[None]], limits: Limits | None = None) -> None:
    async def main() -> None:
        async with inner_gateway(tmp_path, limits=limits) as inner, asyncio.timeout(10):
            await test(inner)

    asyncio.run(main())


async def _record(inner: Inner, count: int = 1) -> dict[str, Any]:
    while len(inner.records()) < count:
        await asyncio.sleep(0.01)
    return inner.records()[-1]


async def _tunnel(inner: Inner) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await inner.open()
    writer.write(HEAD)
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
    return reader, writer


# --- time limits ---


def test_silent_client_is_cut_in_the_handshake(tmp_path: Path) -> None:
    async def test(inner: Inner) -> None:
        reader, writer = await asyncio.open_connection(*inner.listener.address)
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()
        assert (await _record(inner))["reason"] == "handshake-timeout"

    _run(tmp_path, test, Limits(handshake=0.2))


def test_client_that_sends_no_request_is_closed(tmp_path: Path) -> None:
    async def test(inner: Inner) -> None:
        reader, writer = await inner.open()
        writer.write(HEAD[:20])
        assert await reader.read() == b""
        writer.transport.abort()
        assert (await _record(inner))["reason"] == "head-timeout"

    _run(tmp_path, test, Limits(head=0.2))


def test_dripping_client_hello_is_cut_in_the_handshake(tmp_path: Path) -> None:
    """Each byte in time, all of them together not."""

    async def test(inner: Inner) -> None:
        reader, writer = await asyncio.open_connection(*inner.listener.address)
        await _drip(reader, writer, hello("gateway"))
        assert (await _record(inner))["reason"] == "handshake-timeout"

    _run(tmp_path, test, Limits(handshake=0.3, idle=300))


def test_dripping_request_is_closed(tmp_path: Path) -> None:
    async def test(inner: Inner) -> None:
        reader, writer = await inner.open()
        await _drip(reader, writer, HEAD)
        assert (await _record(inner))["reason"] == "head-timeout"

    _run(tmp_path, test, Limits(head=0.3, idle=300))


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes) -> None:
    """A byte now and then, until the gateway has had enough."""
    over = asyncio.ensure_future(reader.read())
    for byte in data:
        if over.done():
            break
        writer.write(bytes([byte]))
        await asyncio.sleep(0.02)
    with suppress(ConnectionError):
        assert await over == b""
    writer.transport.abort()


def test_destination_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    async def test(inner: Inner) -> None:
        deaf, waiting = _deaf_server()
        inner.lead("acme.okta.com", 443, deaf.getsockname())
        first, body = await inner.ask()
        for each in (deaf, *waiting):
            each.close()
        assert (first, body["reason"]) == ("HTTP/1.1 502 Bad Gateway", "connect-failed")

    _run(tmp_path, test, Limits(connect=0.3))


def _deaf_server() -> tuple[socket.socket, list[socket.socket]]:
    """A listening socket whose queue is full: the system answers no further connection."""
    deaf = socket.socket()
    deaf.bind(("127.40.0.10", 0))
    deaf.listen(0)
    waiting = []
    for _ in range(3):
        each = socket.socket()
        each.setblocking(False)
        each.connect_ex(deaf.getsockname())
        waiting.append(each)
    return deaf, waiting


def test_idle_tunnel_ends(tmp_path: Path) -> None:
    async def test(inner: Inner) -> None:
        reader, writer = await _tunnel(inner)
        with pytest.raises(ConnectionError):
            assert await reader.read() != b""
            raise ConnectionResetError  # 3.11's streams end quietly where later ones raise
        writer.transport.abort()
        assert (await _record(inner, 2))["reason"] == "idle"

    _run(tmp_path, test, Limits(idle=1))


# --- ends ---


def test_server_that_closes_is_followed_by_close_notify(tmp_path: Path) -> None:
    """Without close_notify a device could not tell an end from a cut (RFC 8446, 6.1)."""

    async def test(inner: Inner) -> None:
        inner.destination.reply = b""
        raw = socket.create_connection(inner.listener.address)
        raw.settimeout(5)
        loop = asyncio.get_running_loop()
        context = inner.context()
        notified = await loop.run_in_executor(None, _refused_with_close_notify, raw, context)
        assert notified

    _run(tmp_path, test)


def _refused_with_close_notify(raw: socket.socket, context: ssl.SSLContext) -> bool:
    with context.wrap_socket(raw, suppress_ragged_eofs=False) as connection:
        connection.sendall(HEAD.replace(b"acme.okta.com", b"elsewhere.example"))
        while connection.recv(65536):
            pass  # a ragged end raises SSLEOFError here
    return True


def test_half_close_travels_through_the_tunnel(tmp_path: Path) -> None:
    """A server that answers after the device has said its last word is heard to the end."""

    async def test(inner: Inner) -> None:
        inner.destination.reply = b"x" * 1000
        reader, writer = await _tunnel(inner)
        writer.write(b"last words")
        assert await reader.readexactly(1000) == b"x" * 1000
        writer.close()
        await inner.destination.closed.wait()
        end = await _record(inner, 2)
        assert (end["reason"], end["bytes_up"], end["bytes_down"]) == ("closed-by-device", 10, 1000)

    _run(tmp_path, test)


def test_bulk_arrives_whole(tmp_path: Path) -> None:
    async def test(inner: Inner) -> None:
        inner.destination.reply = b""
        _, writer = await _tunnel(inner)
        data = bytes(range(256)) * 40_000
        writer.write(data)
        await writer.drain()
        writer.close()
        await inner.destination.closed.wait()
        assert bytes(inner.destination.received) == data

    _run(tmp_path, test)


def test_device_that_resets_is_no_half_close(tmp_path: Path) -> None:
    """Its tunnel ends at once, not after the idle time."""

    async def test(inner: Inner) -> None:
        _, writer = await _tunnel(inner)
        reset(writer)
        await inner.destination.closed.wait()
        assert (await _record(inner, 2))["reason"] == "closed-by-device"

    _run(tmp_path, test, Limits(idle=300))


def test_device_that_goes_without_close_notify_is_gone(tmp_path: Path) -> None:
    """TLS that just ends was cut off (RFC 8446, 6.1): nothing waits for a server's answer to it."""

    async def test(inner: Inner) -> None:
        _, writer = await _tunnel(inner)
        writer.get_extra_info("socket").shutdown(socket.SHUT_WR)
        await inner.destination.closed.wait()
        assert (await _record(inner, 2))["reason"] == "closed-by-device"
        writer.transport.abort()

    _run(tmp_path, test, Limits(idle=300))


def test_server_that_resets_ends_the_tunnel(tmp_path: Path) -> None:
    async def test(inner: Inner) -> None:
        inner.destination.resets = True
        reader, writer = await _tunnel(inner)
        writer.write(b"ping")
        with suppress(ConnectionError):
            assert await reader.read() == b""
        writer.transport.abort()
        assert (await _record(inner, 2))["reason"] == "closed-by-server"

    _run(tmp_path, test, Limits(idle=300))


def test_tunnel_has_a_longest_life(tmp_path: Path) -> None:
    async def test(inner: Inner) -> None:
        reader, writer = await _tunnel(inner)
        assert await reader.read() == b""
        writer.transport.abort()
        assert (await _record(inner, 2))["reason"] == "time-limit"

    _run(tmp_path, test, Limits(idle=300, total=0.3))


# --- the TLS side ---


@pytest.mark.parametrize(
    ("sent", "detail"),
    [
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", "http request", id="plain-http"),
        pytest.param(b"\x16\x03\x01\x00\x04junk", "", id="junk-in-a-record"),
    ],
)
def test_what_is_no_tls_is_closed_and_written_down(tmp_path: Path, sent: bytes, detail: str) -> None:
    async def test(inner: Inner) -> None:
        reader, writer = await asyncio.open_connection(*inner.listener.address)
        writer.write(sent)
        await writer.drain()
        writer.write_eof()
        await reader.read()
        writer.close()
        record = await _record(inner)
        assert record["reason"] == "handshake-failed"
        assert detail in record["detail"]

    _run(tmp_path, test)


def test_tls_1_1_is_not_spoken(tmp_path: Path) -> None:
    async def test(inner: Inner) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning):
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection(*inner.listener.address, ssl=context)
        assert (await _record(inner))["reason"] == "handshake-failed"

    _run(tmp_path, test)


def test_taken_port_is_said_in_words(tmp_path: Path) -> None:
    async def test(inner: Inner) -> None:
        with pytest.raises(CannotListenError, match="Address already in use"):
            await Listener.open(inner.listener.address, None, inner.gateway)  # type: ignore[arg-type]

    _run(tmp_path, test)
