"""Attacks on what a gateway has only so much of: sockets, descriptors, memory, tasks. Afterwards all of it is back."""

from __future__ import annotations

import asyncio
import gc
import resource
import socket
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hellos import hello
from inner_gateway import HEAD, HOST, Inner, inner_gateway
from OpenSSL import SSL

from tunnel_gateway.connect import ConnectLayer
from tunnel_gateway.mitm import Limits
from tunnel_gateway.mitm.handler import GatewayHandler
from tunnel_gateway.mitm.listener import Arrival
from tunnel_gateway.mitm.wire import Wire
from tunnel_gateway.session import Session
from tunnel_gateway.sni import SniMode, SniPolicy

HALF_OPEN = 10_000
"""Half-open connections, fewer where the machine allows no more descriptors."""
SOURCES = 4
"""Addresses that they come from: one may have too few ports left."""
STRANGERS = f"""
import resource, socket, sys
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
gateway, opened, resets = (sys.argv[1], int(sys.argv[2])), [], 0
for number in range(int(sys.argv[3])):
    source = (f"127.0.1.{{number % {SOURCES} + 1}}", 0)
    opened.append(socket.create_connection(gateway, source_address=source))
print("open", flush=True)
sys.stdin.readline()
for each in opened:
    try:
        each.recv(1)
    except ConnectionResetError:
        resets += 1
print(resets)
"""
"""A process of its own, so that the two ends of a connection do not count against one limit."""
KINDS = (GatewayHandler, ConnectLayer, Session, Arrival, Wire, SSL.Connection)


def _run(tmp_path: Path, test: Callable[[Inner], Awaitable[None]], limits: Limits | None = None) -> None:
    async def main() -> None:
        async with inner_gateway(tmp_path, limits=limits) as inner, asyncio.timeout(120):
            await test(inner)

    asyncio.run(main())


def _held() -> dict[str, int]:
    """Tasks, descriptors, and objects of each connection that are there now."""
    gc.collect()
    there = Counter(map(type, gc.get_objects()))
    kinds = {kind.__name__: there[kind] for kind in KINDS}
    return kinds | {"tasks": len(asyncio.all_tasks()), "descriptors": len(list(Path("/proc/self/fd").iterdir()))}


async def _comes_through(inner: Inner) -> bool:
    """Whether a device gets its tunnel."""
    reader, writer = await inner.open()
    writer.write(HEAD)
    answer = await reader.readuntil(b"\r\n\r\n")
    writer.transport.abort()
    return answer.startswith(b"HTTP/1.1 200 ")


async def _held_after_a_tunnel(inner: Inner) -> dict[str, int]:
    """What is there once a first tunnel has come and gone, its far end in this process included."""
    assert await _comes_through(inner)
    await inner.destination.closed.wait()
    await _until_gone(inner)
    seen = [_held()]
    while len(seen) < 3 or seen[-3] != seen[-1] or seen[-2] != seen[-1]:
        await asyncio.sleep(0.05)
        seen.append(_held())
    return seen[-1]


async def _until_as(before: dict[str, int]) -> None:
    deadline = asyncio.get_running_loop().time() + 10
    while (held := _held()) != before:
        assert asyncio.get_running_loop().time() < deadline, (held, before)
        await asyncio.sleep(0.05)


@pytest.fixture
def half_open() -> Iterator[int]:
    """How many connections this process can have as long as the test lasts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield HALF_OPEN if hard == resource.RLIM_INFINITY else min(HALF_OPEN, hard - 500)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_half_open_connections_are_cut_and_leave_nothing(
    tmp_path: Path, half_open: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test(inner: Inner) -> None:
        before = _held()
        strangers = await asyncio.create_subprocess_exec(
            sys.executable, "-c", STRANGERS, *map(str, (*inner.listener.address, half_open)), stdout=PIPE, stdin=PIPE
        )
        assert strangers.stdout is not None
        assert await strangers.stdout.readline() == b"open\n"
        while len(inner.gateway.sessions) < half_open:
            await asyncio.sleep(0.01)
        assert await _comes_through(inner)
        loop = asyncio.get_running_loop()
        time = loop.time
        monkeypatch.setattr(loop, "time", lambda: time() + inner.gateway.limits.handshake)
        resets, _ = await strangers.communicate(b"\n")
        assert int(resets) == half_open
        assert inner.gateway.tally.refused["handshake-timeout"] == half_open
        reasons = [record["reason"] for record in inner.records()]
        assert reasons.count("handshake-timeout") < 50 * SOURCES  # no stranger fills the disk
        del strangers
        await _until_as(before)

    limits = Limits(handshake=20, idle=600, connections=20_000, connections_per_source=20_000)
    _run(tmp_path, test, limits)


def test_connections_of_every_fate_leave_nothing(tmp_path: Path) -> None:
    async def test(inner: Inner) -> None:
        before = await _held_after_a_tunnel(inner)
        for _ in range(3):
            for head in (
                HEAD,
                b"GET / HTTP/1.1\r\n\r\n",
                HEAD.replace(b"acme.okta.com", b"elsewhere.example"),
                HEAD[:9],
            ):
                reader, writer = await inner.open()
                writer.write(head + b"early bytes")
                with suppress(TimeoutError, ConnectionError):
                    async with asyncio.timeout(0.1):
                        await reader.read()
                writer.transport.abort()
            raw, writer = await asyncio.open_connection(*inner.listener.address)
            writer.write(b"\x16\x03\x01\x00\x05junk!")
            await writer.drain()
            with suppress(ConnectionError):
                await raw.read()
            writer.transport.abort()
        tunnels = [await inner.open() for _ in range(5)]
        for reader, writer in tunnels:
            writer.write(HEAD)
            await reader.readuntil(b"\r\n\r\n")
        for session in tuple(inner.gateway.tunnels):
            session.cut()
        for _, writer in tunnels:
            writer.transport.abort()
        del reader, writer, raw, tunnels, session
        await _until_gone(inner)
        await _until_as(before)

    _run(tmp_path, test)


def test_tunnels_of_every_end_leave_nothing(tmp_path: Path) -> None:
    """A destination that refuses, another name inside TLS, an end by time with much that nobody takes, a reset."""

    async def test(inner: Inner) -> None:
        router, there = inner.parts.router, inner.parts.router.dialer
        before = await _held_after_a_tunnel(inner)
        inner.lead(HOST, 443, ("127.40.0.10", 1))
        assert (await inner.ask())[1]["reason"] == "connect-failed"
        router.dialer = there
        router._sni = SniPolicy(SniMode.ENFORCE)
        first, _ = await inner.ask(HEAD + hello("evil.example"))
        assert first.startswith("HTTP/1.1 200 ")
        router._sni = SniPolicy()
        inner.destination.reply = b"x" * 8_000_000
        _, late = await inner.open()
        late.transport.pause_reading()
        late.write(HEAD + b"now")
        inner.destination.resets = True
        _, reset = await inner.open()
        reset.write(HEAD + b"now")
        while {record["reason"] for record in inner.records()} < ENDS:
            await asyncio.sleep(0.02)
        for writer in (late, reset):
            writer.transport.abort()
        del late, reset, writer
        await _until_gone(inner)
        await _until_as(before)

    _run(tmp_path, test, Limits(handshake=5, head=5, connect=5, idle=5, total=0.5))


ENDS = {"rule", "connect-failed", "sni-mismatch", "time-limit", "closed-by-server"}


async def _until_gone(inner: Inner) -> None:
    while inner.gateway.sessions or tuple(inner.gateway.tunnels):
        await asyncio.sleep(0.01)


def test_without_descriptors_a_connect_is_refused_and_the_next_one_passes(tmp_path: Path) -> None:
    async def test(inner: Inner) -> None:
        reader, writer = await inner.open()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        spare = socket.socket()  # the lowest free number is the first that is not to be had
        lowest = spare.fileno()
        spare.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
        try:
            writer.write(HEAD)
            answer = await reader.read()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        writer.transport.abort()
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert inner.records()[-1]["reason"] == "over-limit"
        assert await _comes_through(inner)

    _run(tmp_path, test)


def test_device_that_never_reads_cannot_make_tls_pile_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that sends for ever is held; what waits for the device stays within a bound."""

    async def test(inner: Inner) -> None:
        inner.destination.reply = b"x" * 1_000_000
        _, writer = await inner.open()
        writer.transport.pause_reading()
        writer.write(HEAD)
        while not inner.destination.received:
            writer.write(b"more")
            await asyncio.sleep(0.01)
        transports = [each.transport for each in gc.get_objects() if isinstance(each, Wire) and each.transport]
        most = 0
        for _ in range(60):
            writer.write(b"more")
            await asyncio.sleep(0.005)
            most = max(most, *(each.get_write_buffer_size() for each in transports))
        writer.transport.abort()
        assert 0 < most < 2_000_000

    _run(tmp_path, test)


def test_one_device_has_only_so_many_tunnels(tmp_path: Path) -> None:
    async def test(inner: Inner) -> None:
        kept = [await inner.open() for _ in range(2)]
        for reader, writer in kept:
            writer.write(HEAD)
            await reader.readuntil(b"\r\n\r\n")
        first, body = await inner.ask()
        assert (first, body["reason"]) == ("HTTP/1.1 503 Service Unavailable", "over-limit")
        assert body["detail"] == "the device has 2 tunnels already"
        for _, writer in kept:
            writer.transport.abort()

    _run(tmp_path, test, Limits(handshake=5, head=5, connect=5, idle=5, tunnels_per_device=2))
