"""A tunnel that has ended still sends what was relayed before: to the end, unless it is cut, or nobody takes it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from inner_gateway import HOST, UDID, Inner, inner_gateway
from stopped_reader import open_tunnel, settled, until_reset

from tunnel_gateway.blocks import Kind
from tunnel_gateway.mitm import Limits, wire

Test = Callable[[Inner], Awaitable[None]]


def _run(tmp_path: Path, test: Test) -> None:
    async def main() -> None:
        limits = Limits(handshake=5, head=5, connect=5, idle=60, total=0.5)
        async with inner_gateway(tmp_path, limits=limits) as inner, asyncio.timeout(20):
            await test(inner)

    asyncio.run(main())


async def _until(condition: Callable[[], Any]) -> None:
    while not condition():
        await asyncio.sleep(0.01)


async def _ended(inner: Inner, size: int = 16_000_000) -> ssl.SSLSocket:
    """A tunnel that has reached its time limit, with much on its way to a device that does not read."""
    inner.destination.reply = b"x" * size
    device = await asyncio.to_thread(open_tunnel, inner)
    device.sendall(b"now")
    await settled(device)
    await _until(lambda: len(inner.records()) > 1)
    assert not len(inner.gateway.tunnels)
    return device


@pytest.mark.parametrize("size", [16_000_000, 700_000], ids=["in-the-gateway", "in-its-system-alone"])
def test_cut_takes_back_what_the_device_has_not_been_sent(tmp_path: Path, size: int) -> None:
    async def test(inner: Inner) -> None:
        device = await _ended(inner, size)
        there = await settled(device)
        _, cut = inner.gateway.block(Kind.DEVICE, UDID.lower(), "lost")
        assert cut == 1
        await _until(lambda: not tuple(inner.gateway.tunnels))
        assert await asyncio.to_thread(until_reset, device) <= there
        device.close()
        assert [record["reason"] for record in inner.records()] == ["rule", "time-limit"]

    _run(tmp_path, test)


def test_cut_takes_back_what_the_server_has_not_been_sent(tmp_path: Path) -> None:
    async def test(inner: Inner) -> None:
        with socket.create_server(("127.40.0.10", 0)) as server:
            inner.lead(HOST, 443, server.getsockname())
            device = await asyncio.to_thread(open_tunnel, inner)
            far_end, _ = server.accept()
        await asyncio.to_thread(_send_until_nobody_takes_it, device)
        await _until(lambda: len(inner.records()) > 1)
        there = await settled(far_end)
        assert inner.gateway.block(Kind.DEVICE, UDID.lower(), "lost")[1] == 1
        await _until(lambda: not tuple(inner.gateway.tunnels))
        assert await asyncio.to_thread(until_reset, far_end) <= there
        far_end.close()
        device.close()

    _run(tmp_path, test)


def _send_until_nobody_takes_it(device: ssl.SSLSocket) -> None:
    device.settimeout(0.2)
    with suppress(OSError):
        while True:
            device.send(b"y" * 65_536)


def test_slow_device_gets_all_that_was_relayed(tmp_path: Path) -> None:
    async def test(inner: Inner) -> None:
        device = await _ended(inner)
        device.settimeout(10)
        received = await asyncio.to_thread(_read_to_the_end, device)
        device.close()
        assert received == inner.records()[-1]["bytes_down"]
        await _until(lambda: not tuple(inner.gateway.tunnels))

    _run(tmp_path, test)


def _read_to_the_end(device: ssl.SSLSocket) -> int:
    received = 0
    while part := device.recv(1 << 20):
        received += len(part)
    return received


@pytest.mark.parametrize("limit", ["LINGER", "LONGEST_LINGER"])
def test_device_that_takes_nothing_is_cut_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(wire, limit, 0.2)

    async def test(inner: Inner) -> None:
        device = await _ended(inner)
        await _until(lambda: not tuple(inner.gateway.tunnels))
        await asyncio.to_thread(until_reset, device)
        device.close()

    _run(tmp_path, test)
