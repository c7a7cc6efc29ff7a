"""After a cut nothing goes on: what was on its way is not dialled, not relayed, and not written down as admitted."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from inner_gateway import HEAD, HOST, Inner, inner_gateway

from dtr_rules import Address, parse_address
from tunnel_gateway.dialer import Target
from tunnel_gateway.mitm import Limits, dialling, events
from tunnel_gateway.mitm.wire import BRIEF
from tunnel_gateway.posture.model import Compliance

Test = Callable[[Inner], Awaitable[None]]


def _run(tmp_path: Path, test: Test, **changes: Any) -> None:
    async def main() -> None:
        async with inner_gateway(tmp_path, **changes) as inner, asyncio.timeout(20):
            await test(inner)

    asyncio.run(main())


async def _until(condition: Callable[[], Any]) -> None:
    while not condition():
        await asyncio.sleep(0.01)


def test_cut_while_the_decision_is_on_its_way_dials_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(inner: Inner) -> None:
        asked, go_on = _hold_targets(inner, monkeypatch)
        _, writer = await inner.open()
        writer.write(HEAD + b"early bytes")
        await asked.wait()
        inner.gateway.shut_down()
        for session in list(inner.gateway.sessions):
            session.cut()
        await _until(lambda: inner.records())
        go_on.set()
        for _ in range(20):
            await asyncio.sleep(0)
        writer.transport.abort()
        assert inner.destination.came == 0
        (record,) = inner.records()
        assert (record["reason"], record["admitted"]) == ("shutting-down", False)

    _run(tmp_path, test)


def test_device_that_goes_while_it_is_decided_about_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test(inner: Inner) -> None:
        asked, go_on = _hold_targets(inner, monkeypatch)
        _, writer = await inner.open()
        writer.write(HEAD + b"early bytes")
        await asked.wait()
        writer.transport.abort()
        go_on.set()
        await _until(lambda: not inner.gateway.sessions)
        assert [record["event"] for record in inner.records()] in (["connect"], ["connect", "end"])
        if inner.destination.came:
            await inner.destination.closed.wait()

    _run(tmp_path, test)


def _hold_targets(inner: Inner, monkeypatch: pytest.MonkeyPatch) -> tuple[asyncio.Event, asyncio.Event]:
    """Name resolution that says when it is asked and waits to be told to go on."""
    asked, go_on = asyncio.Event(), asyncio.Event()
    targets = inner.parts.router.dialer.targets

    async def slow(*arguments: Any) -> list[Target]:
        asked.set()
        await go_on.wait()
        return await targets(*arguments)

    monkeypatch.setattr(inner.parts.router.dialer, "targets", slow)
    return asked, go_on


def test_cut_while_dialling_tries_no_other_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(inner: Inner) -> None:
        dialled, connect = asyncio.Event(), dialling._connect

        async def hang_at_the_first(target: tuple[str, int], egress: str) -> socket.socket:
            if target[0] == "127.40.0.11":
                dialled.set()
                await asyncio.Event().wait()
            return await connect(target, egress)

        async def two(*_: Any) -> list[Target]:
            port = inner.destination.port
            return [Target(_address("127.40.0.11"), port, True), Target(_address("127.40.0.10"), port, True)]

        _, writer = await inner.open()
        monkeypatch.setattr(inner.parts.router.dialer, "targets", two)
        monkeypatch.setattr(dialling, "_connect", hang_at_the_first)
        writer.write(HEAD)
        await dialled.wait()
        for session in list(inner.gateway.sessions):
            session.shut_down()
            session.cut()
        await _until(lambda: inner.records())
        writer.transport.abort()
        assert inner.destination.came == 0
        assert [record["reason"] for record in inner.records()] == ["shutting-down"]

    _run(tmp_path, test)


def _address(text: str) -> Address:
    return parse_address(text)


def test_posture_that_changes_on_the_way_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(inner: Inner) -> None:
        targets, client = inner.parts.router.dialer.targets, inner.parts.posture._client

        async def meanwhile(*arguments: Any) -> list[Target]:
            client.phone = replace(client.phone, compliance=Compliance.NOT_COMPLIANT)
            await inner.parts.posture.sync()
            return await targets(*arguments)

        monkeypatch.setattr(inner.parts.router.dialer, "targets", meanwhile)
        first, body = await inner.ask(HEAD + b"early bytes")
        assert (first, body["reason"]) == ("HTTP/1.1 403 Forbidden", "device-not-compliant")
        await inner.destination.closed.wait()
        assert inner.destination.received == b""

    _run(tmp_path, test)


def test_both_directions_flow_at_once(tmp_path: Path) -> None:
    """A server that answers more than it is sent, and a client that reads late, do not lock each other up."""

    async def test(inner: Inner) -> None:
        inner.destination.reply = b"x" * 200_000
        reader, writer = await inner.open()
        writer.write(HEAD)
        await reader.readuntil(b"\r\n\r\n")
        sent = 0
        for _ in range(100):
            writer.write(b"y" * 65_536)
            sent += 65_536
            await asyncio.sleep(0)
        received = 0
        while len(inner.destination.received) < sent:
            received += len(await reader.read(1 << 20))
        writer.transport.abort()
        assert received > 0

    _run(tmp_path, test)


def test_question_whose_device_goes_in_the_same_turn_hears_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has begun, and may hold a lock that others wait for: no garbage collection may be needed to give it back."""

    async def test(inner: Inner) -> None:
        ended = asyncio.Event()

        async def waits(*_: Any) -> list[Target]:
            (handler,) = inner.listener._master.handlers.values()
            asyncio.get_running_loop().call_soon(handler.abort)  # as the loss of a socket comes
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()
            return []

        monkeypatch.setattr(inner.parts.router.dialer, "targets", waits)
        gc.disable()
        try:
            assert await inner.ask() == ("", {})
            await asyncio.wait_for(ended.wait(), 5)
        finally:
            gc.enable()

    _run(tmp_path, test)


def test_early_bytes_without_end_are_not_collected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a decision is pending the device's bytes wait in the network, but for what one look at the socket takes."""

    async def test(inner: Inner) -> None:
        asked = asyncio.Event()

        async def never(*_: Any) -> list[Target]:
            asked.set()
            await asyncio.Event().wait()
            return []

        monkeypatch.setattr(inner.parts.router.dialer, "targets", never)
        sending = asyncio.ensure_future(asyncio.to_thread(_send_until_nobody_takes_it, inner))
        await asked.wait()
        (handler,) = inner.listener._master.handlers.values()
        kept = 0
        while not sending.done():
            queued = handler._layer.child_layer._paused_event_queue
            kept = max(kept, sum(len(event.data) for event in queued if isinstance(event, events.DataReceived)))
            await asyncio.sleep(0.01)
        assert 0 < kept <= BRIEF
        assert await sending < 20_000_000  # what the buffers of two sockets hold

    _run(tmp_path, test)


def _send_until_nobody_takes_it(inner: Inner) -> int:
    sent = 0
    with inner.context().wrap_socket(socket.create_connection(inner.listener.address)) as device:
        device.sendall(HEAD)
        device.settimeout(1)
        with suppress(TimeoutError):
            while sent < 100_000_000:
                sent += device.send(b"z" * 65_536)
    return sent


def test_stranger_who_breaks_tls_is_cut(tmp_path: Path) -> None:
    """mitmproxy would go on and pile up whatever comes after a bad record."""

    async def test(inner: Inner) -> None:
        reader, writer = await asyncio.open_connection(*inner.listener.address)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        tls = context.wrap_bio(incoming, outgoing)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                writer.write(outgoing.read())
                incoming.write(await reader.read(65_536))
        writer.write(outgoing.read() + b"\x17\x03\x03\x00\x10" + b"0123456789abcdef")
        with pytest.raises(ConnectionError):
            while True:
                writer.write(b"x" * 65_536)
                await writer.drain()
                await asyncio.sleep(0)
        writer.transport.abort()
        await _until(lambda: inner.records())
        assert inner.records()[-1]["reason"] == "closed-by-device"

    _run(tmp_path, test)


@pytest.mark.parametrize(
    "limits", [Limits(connections=2), Limits(connections_per_source=2)], ids=["in-all", "from-one-address"]
)
def test_connections_have_a_limit(tmp_path: Path, limits: Limits) -> None:
    async def test(inner: Inner) -> None:
        kept = [await inner.open() for _ in range(2)]
        with pytest.raises((ConnectionError, ssl.SSLError)):
            await inner.open()
        assert inner.records()[-1]["reason"] == "over-limit"
        kept[0][1].transport.abort()
        await _until(lambda: len(inner.gateway.sessions) == 1)
        reader, writer = await inner.open()
        writer.write(HEAD)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        for _, each in (*kept, (reader, writer)):
            each.transport.abort()

    _run(tmp_path, test, limits=limits)


def test_endless_client_hello_ends(tmp_path: Path) -> None:
    """One-byte records of a handshake message: OpenSSL sets the bound, and the log keeps none of it."""

    async def test(inner: Inner) -> None:
        reader, writer = await asyncio.open_connection(*inner.listener.address)
        hello = b"\x01\x00\xff\xff" + b"\x00" * 200_000
        data = b"".join(b"\x16\x03\x01\x00\x01" + bytes([byte]) for byte in hello)
        writer.write(data)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1 << 20)
        writer.transport.abort()
        await _until(lambda: inner.records())
        assert len((inner.directory / "decisions.jsonl").read_bytes()) < 2000

    _run(tmp_path, test)


def test_destination_is_reached_by_any_port_that_its_rule_names(tmp_path: Path) -> None:
    async def test(inner: Inner) -> None:
        head = HEAD.replace(b":443", b":8443")
        inner.lead(HOST, 8443, ("127.40.0.10", inner.destination.port))
        assert (await inner.ask(head))[1]["reason"] == "port-not-allowed"

    _run(tmp_path, test)
