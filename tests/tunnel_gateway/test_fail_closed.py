"""Every step of the way fails once: nothing is dialled, the device is refused, and the log says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from inner_gateway import Inner, inner_gateway

import tunnel_gateway.connect
import tunnel_gateway.gateway
import tunnel_gateway.mitm.handler
import tunnel_gateway.routing
import tunnel_gateway.session
from dtr_rules import Index
from tunnel_gateway.admission import AdmissionPolicy
from tunnel_gateway.gateway import Gateway
from tunnel_gateway.identity import Identification
from tunnel_gateway.log_file import LogFile
from tunnel_gateway.mitm import dialling
from tunnel_gateway.mitm.handler import GatewayHandler
from tunnel_gateway.routing import Router
from tunnel_gateway.rule_book import RuleBook
from tunnel_gateway.sni import SniCheck, SniMode, SniPolicy
from tunnel_gateway.trail import Trail

Break = Callable[[Inner, pytest.MonkeyPatch], None]


def _fails(*_: Any, **__: Any) -> Any:
    raise RuntimeError("broken on purpose")


def _break(target: Callable[[Inner], Any], name: str) -> Break:
    return lambda inner, patch: patch.setattr(target(inner), name, _fails)


class _Broken:
    judge = learn = _fails


def _breaks_identification(**parts: Any) -> Break:
    def put_in(inner: Inner, _: pytest.MonkeyPatch) -> None:
        inner.gateway.identification = replace(inner.gateway.identification, **parts)

    return put_in


def _run(tmp_path: Path, test: Callable[[Inner], Any]) -> None:
    async def main() -> None:
        async with inner_gateway(tmp_path) as inner:
            await test(inner)

    asyncio.run(main())


def test_whole_path_admits(tmp_path: Path) -> None:
    """What the other tests of this file break does work unbroken."""

    async def test(inner: Inner) -> None:
        reader, writer = await inner.open()
        writer.write(b"CONNECT acme.okta.com:443 HTTP/1.1\r\nHost: acme.okta.com:443\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        writer.write(b"ping")
        assert await reader.readexactly(5) == b"hello"
        writer.close()

    _run(tmp_path, test)


@pytest.mark.parametrize(
    "break_it",
    [
        pytest.param(_break(lambda i: i.parts.identification.verifier, "verify"), id="identity"),
        pytest.param(_break(lambda i: i.parts.identification.revocation, "judge"), id="revocation"),
        pytest.param(_breaks_identification(allow_list=_Broken()), id="allow-list"),
        pytest.param(_breaks_identification(newest=_Broken()), id="newest-certificate"),
        pytest.param(_break(lambda i: i.parts.blocks, "judge"), id="blocks"),
        pytest.param(_break(lambda i: i.parts.posture, "posture_of"), id="posture"),
        pytest.param(_break(lambda _: AdmissionPolicy, "admit"), id="admission"),
        pytest.param(_break(lambda i: i.gateway, "check_room"), id="room"),
        pytest.param(_break(lambda _: RuleBook, "rules_for"), id="rule-book"),
        pytest.param(_break(lambda _: tunnel_gateway.routing, "parse_host"), id="host"),
        pytest.param(_break(lambda _: Index, "decide"), id="rules"),
        pytest.param(_break(lambda i: i.parts.router.dialer, "targets"), id="resolution"),
        pytest.param(_break(lambda i: i.parts.router.egress, "for_device"), id="egress"),
    ],
)
def test_failed_decision_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, break_it: Break) -> None:
    async def test(inner: Inner) -> None:
        break_it(inner, monkeypatch)
        first, body = await inner.ask()
        assert first == "HTTP/1.1 500 Internal Server Error"
        assert body["reason"] == "internal-error"
        assert inner.destination.came == 0
        (record,) = inner.records()
        assert (record["reason"], record["admitted"]) == ("internal-error", False)

    _run(tmp_path, test)


@pytest.mark.parametrize(
    "break_it",
    [
        pytest.param(_break(lambda _: tunnel_gateway.mitm.handler, "_presented"), id="after-the-handshake"),
        pytest.param(_break(lambda _: tunnel_gateway.mitm.handler, "dial"), id="dialling-all-addresses"),
        pytest.param(_break(lambda _: tunnel_gateway.connect, "parse_head"), id="head"),
        pytest.param(_break(lambda _: tunnel_gateway.connect, "FarEnd"), id="in-the-layer"),
        pytest.param(_break(lambda _: GatewayHandler, "_connect"), id="dialling"),
    ],
)
def test_failed_connection_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, break_it: Break) -> None:
    """Where no answer can be given any more, the connection ends at once, and the log still says why."""

    async def test(inner: Inner) -> None:
        break_it(inner, monkeypatch)
        assert await inner.ask() == ("", {})
        assert inner.destination.came == 0
        await _until(lambda: inner.records())
        assert inner.records()[-1]["reason"] == "internal-error"

    _run(tmp_path, test)


def test_connection_that_cannot_be_begun_is_reset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(inner: Inner) -> None:
        monkeypatch.setattr(inner.gateway, "converse", _fails)
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(inner.open(), 5)
        monkeypatch.undo()
        reader, writer = await inner.open()  # and its place is free again
        writer.write(b"CONNECT acme.okta.com:443 HTTP/1.1\r\nHost: acme.okta.com:443\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        writer.transport.abort()

    _run(tmp_path, test)


def test_failing_look_inside_tls_sends_nothing_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(inner: Inner) -> None:
        inner.parts.router._sni = SniPolicy(SniMode.ENFORCE)
        monkeypatch.setattr(SniCheck, "feed", _fails)
        reader, writer = await inner.open()
        writer.write(b"CONNECT acme.okta.com:443 HTTP/1.1\r\nHost: acme.okta.com:443\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"anything")
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(reader.readexactly(1), 5)
        writer.transport.abort()
        await asyncio.wait_for(inner.destination.closed.wait(), 5)
        assert inner.destination.received == b""

    _run(tmp_path, test)


@pytest.mark.parametrize(
    "break_it",
    [
        pytest.param(_break(lambda _: Identification, "judge_again"), id="certificate"),
        pytest.param(_break(lambda _: Gateway, "judge"), id="all-that-is-known"),
        pytest.param(_break(lambda _: Router, "judge"), id="rules"),
        pytest.param(_break(lambda _: Trail, "connected"), id="trail"),
        pytest.param(_break(lambda i: i.parts.log, "write"), id="decision-log"),
        pytest.param(_break(lambda i: i.gateway.tunnels, "opened"), id="index-of-tunnels"),
    ],
)
def test_failure_between_dialling_and_opening_relays_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, break_it: Break
) -> None:
    async def test(inner: Inner) -> None:
        break_it(inner, monkeypatch)
        first, body = await inner.ask()
        assert (first, body["reason"]) == ("HTTP/1.1 500 Internal Server Error", "internal-error")
        await asyncio.wait_for(inner.destination.closed.wait(), 5)
        assert inner.destination.received == b""
        assert not len(inner.gateway.tunnels)
        assert "internal-error" in [record["reason"] for record in inner.records()]

    _run(tmp_path, test)


def test_decision_that_cannot_be_written_down_relays_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(inner: Inner) -> None:
        append = LogFile.append

        def full_disk(file: LogFile, line: bytes) -> None:
            if b'"admitted":true' in line:
                raise OSError(28, "No space left on device")
            append(file, line)

        monkeypatch.setattr(LogFile, "append", full_disk)
        first, body = await inner.ask()
        assert (first, body["reason"]) == ("HTTP/1.1 503 Service Unavailable", "decision-log-failed")
        await asyncio.wait_for(inner.destination.closed.wait(), 5)
        assert inner.destination.received == b""

    _run(tmp_path, test)


def test_connection_from_another_address_relays_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(inner: Inner) -> None:
        reader, writer = await inner.open()
        monkeypatch.setattr(dialling, "_leave_from", lambda *_: None)
        writer.write(b"CONNECT acme.okta.com:443 HTTP/1.1\r\nHost: acme.okta.com:443\r\n\r\nearly bytes")
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.transport.abort()
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"egress-unavailable" in answer
        await asyncio.wait_for(inner.destination.closed.wait(), 5)
        assert inner.destination.received == b""

    _run(tmp_path, test)


def test_failure_while_relaying_cuts_both_sides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(inner: Inner) -> None:
        reader, writer = await inner.open()
        writer.write(b"CONNECT acme.okta.com:443 HTTP/1.1\r\nHost: acme.okta.com:443\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        monkeypatch.setattr(tunnel_gateway.session.Session, "relayed", _fails)
        writer.write(b"ping")
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(reader.readexactly(1), 5)
        writer.transport.abort()
        await asyncio.wait_for(inner.destination.closed.wait(), 5)
        assert inner.destination.received == b""
        await _until(lambda: len(inner.records()) == 2)
        assert inner.records()[-1]["reason"] == "internal-error"

    _run(tmp_path, test)


async def _until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)
