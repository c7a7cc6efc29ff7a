"""Half of a connection can end inside a tunnel while the other half goes on, through the product's own gateway."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from lab.authority import Authority
from lab.device import find_app
from lab.device.half_close import HalfClosableTls
from lab.device.proxy import DeviceProxy, loopback_socket
from lab.https_server import server_context
from lab.operations import Operations
from lab.plan import DevicePlan, WorldPlan
from lab.world import running_world

pytestmark = pytest.mark.anyio

ADDRESS = "127.40.0.53"
RULES = """\
version: 1
name: backwards
mode: per-app
default: bypass
rules:
  - {name: backwards, platforms: [ios], apps: all, action: tunnel, to: ["backwards.example"]}
"""


async def _backwards(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says nothing before the other side has said all."""
    writer.write((await reader.read())[::-1])
    await writer.drain()
    writer.close()


@pytest.fixture
async def port() -> AsyncIterator[int]:
    server = await asyncio.start_server(_backwards, ADDRESS, 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_through_the_gateway(port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    gateway = {"connect-to": {"backwards.example:443": f"{ADDRESS}:{port}"}, "sni": "off"}
    plan = WorldPlan(rules=RULES, devices=(DevicePlan(name="iphone"),), gateway=gateway)
    async with running_world(plan) as world:
        await Operations(world).fleet.enrol("iphone")
        phone = world.devices["iphone"]
        async with DeviceProxy(phone, find_app(phone.platform, "safari"), loopback_socket()) as proxy:
            host, _, number = proxy.endpoint.rpartition(":")
            reader, writer = await asyncio.open_connection(host, int(number))
            writer.write(b"CONNECT backwards.example:443 HTTP/1.1\r\nHost: backwards.example:443\r\n\r\nearly ")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
            writer.write(b"and late")
            writer.write_eof()
            assert await asyncio.wait_for(reader.read(), 5) == b"etal dna ylrae"
            writer.close()


async def test_what_came_before_the_half_close_is_read_after_it(tmp_path: Path) -> None:
    """The other side has sent more than one read takes; nothing of it is lost."""
    authority = Authority("Half")
    credential = authority.issue_server(["half.example"], [ADDRESS])
    sent = bytes(range(256)) * 1024
    context = ssl.create_default_context(cadata=authority.certificate_pem.decode())

    async def serve(stream: anyio.abc.SocketStream) -> None:
        async with stream:
            tls = await HalfClosableTls.wrap(stream, server_side=True, ssl_context=server_context(credential))
            await tls.send(sent)
            with pytest.raises(anyio.EndOfStream):
                await tls.receive()
            await tls.send(b"last")
            await tls.send_eof()

    async with await anyio.create_tcp_listener(local_host=ADDRESS) as listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, serve)
        port = listener.extra(anyio.abc.SocketAttribute.local_port)
        async with await anyio.connect_tcp(ADDRESS, port) as tcp:
            tls = await HalfClosableTls.wrap(tcp, hostname="half.example", ssl_context=context)
            got = await tls.receive(10)
            await tls.send_eof()
            with contextlib.suppress(anyio.EndOfStream), anyio.fail_after(5):
                while True:
                    got += await tls.receive(1000)
            assert got == sent + b"last"
        tasks.cancel_scope.cancel()
