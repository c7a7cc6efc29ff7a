"""Open tunnels of devices that would no longer be admitted end at once, both sides; nothing leaves after the cut."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from inner_gateway import HEAD, HOST, RULES, UDID, Inner, inner_gateway
from posture_scene import Time
from stopped_reader import open_tunnel, settled, until_reset

import tunnel_gateway.reload
from dtr_rules import parse_rule_set
from lab.authority import Authority
from tunnel_gateway.blocks import Kind
from tunnel_gateway.dialer import Dialer
from tunnel_gateway.identity import CertificateVerifier, DeviceAuthority, Identification, UdidFrom, UdidPlace
from tunnel_gateway.mitm import handler as mitm_handler
from tunnel_gateway.posture.model import Compliance
from tunnel_gateway.posture.sync import Ages
from tunnel_gateway.reload import Reloader
from tunnel_gateway.resolver import Resolver
from tunnel_gateway.routing import Router
from tunnel_gateway.rule_book import RuleBook, device_rules

Act = Callable[[Inner, Time], Awaitable[None]]
BAD_NEWS = f'{{"Udid": "{UDID}", "EventType": "x", "ComplianceStatus": "NonCompliant"}}'.encode()


def _run(tmp_path: Path, test: Callable[[Inner, Time], Awaitable[None]], **changes: Any) -> None:
    async def main() -> None:
        time = Time()
        ages = Ages(every=60, max_age=100, live_beyond=50)
        async with inner_gateway(tmp_path, ages=ages, clock=time.clock, **changes) as inner, asyncio.timeout(20):
            await test(inner, time)

    asyncio.run(main())


async def _open(inner: Inner) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await inner.open()
    writer.write(HEAD)
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
    writer.write(b"ping")
    assert await reader.readexactly(5) == b"hello"
    return reader, writer


async def _until(condition: Callable[[], Any]) -> None:
    while not condition():
        await asyncio.sleep(0.01)


async def _event(inner: Inner, _: Time) -> None:
    inner.parts.posture.desk.take(BAD_NEWS)


async def _synchronisation(inner: Inner, time: Time) -> None:
    uem = inner.parts.posture._client
    uem.phone = replace(uem.phone, compliance=Compliance.NOT_COMPLIANT)  # type: ignore[attr-defined]
    time.passes(1)
    await inner.parts.posture.sync()


async def _unenrolment(inner: Inner, time: Time) -> None:
    """The device is on no page any more, and nobody knows it when it is looked up."""
    uem = inner.parts.posture._client
    uem.phone = replace(uem.phone, udid="another")  # type: ignore[attr-defined]
    time.passes(1)
    await inner.parts.posture.sync()


async def _block_device(inner: Inner, _: Time) -> None:
    _, cut = inner.gateway.block(Kind.DEVICE, UDID.lower(), "lost")
    assert cut == 1


async def _block_certificate(inner: Inner, _: Time) -> None:
    (session,) = inner.gateway.tunnels
    _, cut = inner.gateway.block(Kind.CERTIFICATE, session.identity.thumbprint_sha256.lower(), "copied")
    assert cut == 1


async def _new_rules(inner: Inner, _: Time) -> None:
    changed = parse_rule_set(RULES.replace("action: tunnel", "action: block"), "rules.yaml").rule_set
    inner.parts.router.book = RuleBook(device_rules(changed))
    await inner.gateway.rules_changed()


async def _staleness(inner: Inner, time: Time) -> None:
    time.passes(150)
    await inner.gateway.devices_changed([UDID.lower()])
    assert len(inner.gateway.tunnels) == 1, "it may live on for as long as it was told"
    assert inner.gateway.kept_on_stale() == 1
    time.passes(1)
    await inner.gateway.devices_changed([UDID.lower()])


@pytest.mark.parametrize(
    ("act", "end", "next_reason"),
    [
        pytest.param(_event, "cut-by-posture", "device-not-compliant", id="event"),
        pytest.param(_synchronisation, "cut-by-posture", "device-not-compliant", id="synchronisation"),
        pytest.param(_unenrolment, "cut-by-posture", "device-unknown", id="unenrolment"),
        pytest.param(_block_device, "cut-by-admin", "device-blocked-by-admin", id="block-of-the-device"),
        pytest.param(_block_certificate, "cut-by-admin", "device-blocked-by-admin", id="block-of-the-certificate"),
        pytest.param(_new_rules, "cut-by-rules", "rule", id="rules"),
        pytest.param(_staleness, "cut-by-staleness", None, id="staleness"),
    ],
)
def test_tunnel_is_cut_on_both_sides_with_its_reason(
    tmp_path: Path, act: Act, end: str, next_reason: str | None
) -> None:
    async def test(inner: Inner, time: Time) -> None:
        reader, writer = await _open(inner)
        await act(inner, time)
        with pytest.raises(ConnectionError):
            while await reader.read(65536):
                pass
        writer.transport.abort()
        await asyncio.wait_for(inner.destination.closed.wait(), 5)
        await _until(lambda: not len(inner.gateway.tunnels) and len(inner.records()) > 1)
        last = inner.records()[-1]
        assert (last["event"], last["reason"]) == ("end", end)
        assert last["detail"]
        if next_reason is not None:
            assert (await inner.ask())[1]["reason"] == next_reason

    _run(tmp_path, test)


def test_change_that_takes_nothing_cuts_nothing(tmp_path: Path) -> None:
    async def test(inner: Inner, time: Time) -> None:
        reader, writer = await _open(inner)
        inner.gateway.block(Kind.DEVICE, "another-device", "lost")
        assert inner.gateway.allow(Kind.DEVICE, "another-device")
        assert not inner.gateway.allow(Kind.DEVICE, "another-device")
        time.passes(1)
        await inner.parts.posture.sync()
        await inner.gateway.rules_changed()
        await inner.gateway.certificates_changed()
        await inner.gateway.devices_changed([UDID.lower()])
        writer.write(b"ping")
        assert await reader.readexactly(5) == b"hello"
        writer.transport.abort()

    _run(tmp_path, test)


def test_allow_takes_only_the_block_away(tmp_path: Path) -> None:
    async def test(inner: Inner, time: Time) -> None:
        inner.gateway.block(Kind.DEVICE, UDID.lower(), "lost")
        assert (await inner.ask())[1]["reason"] == "device-blocked-by-admin"
        await _synchronisation(inner, time)
        assert inner.gateway.allow(Kind.DEVICE, UDID.lower())
        assert (await inner.ask())[1]["reason"] == "device-not-compliant"

    _run(tmp_path, test)


async def _authority_removed(inner: Inner) -> None:
    place = UdidPlace(UdidFrom.SAN_URI, "urn:uem:device:{udid}")
    other = CertificateVerifier([DeviceAuthority(Authority("Devices").certificate, place)])
    parts = inner.parts
    identification = Identification(other, parts.identification.revocation)
    inner.gateway.adopt(parts.router, identification, parts.limits, explains_refusals=True)
    await inner.gateway.certificates_changed()


async def _network_no_longer_allowed(inner: Inner) -> None:
    parts = inner.parts
    dialer = Dialer({(HOST, 443): ("127.40.0.10", inner.destination.port)}, [], Resolver(5))
    router = Router(parts.router.book, dialer, parts.router.egress)
    inner.gateway.adopt(router, parts.identification, parts.limits, explains_refusals=True)
    await inner.gateway.rules_changed()


RELOADS = [
    pytest.param(_authority_removed, "client-certificate-untrusted", "cut-by-certificate", id="authority"),
    pytest.param(_network_no_longer_allowed, "address-not-allowed", "cut-by-rules", id="allowed-addresses"),
]


@pytest.mark.parametrize(("reload", "refused", "end"), RELOADS)
def test_what_a_reload_takes_away_takes_the_tunnels_with_it(
    tmp_path: Path, reload: Callable[[Inner], Awaitable[None]], refused: str, end: str
) -> None:
    async def test(inner: Inner, _: Time) -> None:
        reader, writer = await _open(inner)
        await reload(inner)
        with pytest.raises(ConnectionError):
            await reader.read(1)
        writer.transport.abort()
        await _until(lambda: len(inner.records()) > 1)
        assert inner.records()[-1]["reason"] == end
        assert (await inner.ask())[1]["reason"] == refused

    _run(tmp_path, test)


@pytest.mark.parametrize(("reload", "refused", "end"), RELOADS)
def test_reload_while_a_connect_is_on_its_way_holds_for_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    reload: Callable[[Inner], Awaitable[None]],
    refused: str,
    end: str,
) -> None:
    """It was decided by what counted then, and is opened by what counts now."""

    async def test(inner: Inner, _: Time) -> None:
        async def reload_and_dial(*given: Any) -> socket.socket:
            await reload(inner)
            return await dial(*given)

        dial = mitm_handler.dial
        monkeypatch.setattr(mitm_handler, "dial", reload_and_dial)
        assert (await inner.ask())[1]["reason"] == refused
        await asyncio.wait_for(inner.destination.closed.wait(), 5)
        assert inner.destination.received == b""
        assert not len(inner.gateway.tunnels)

    _run(tmp_path, test)


def test_reload_that_fails_unforeseen_changes_nothing_and_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_: Path) -> None:
        raise RuntimeError("broken on purpose")

    async def test(inner: Inner, _: Time) -> None:
        monkeypatch.setattr(tunnel_gateway.reload, "draft", fails)
        running = SimpleNamespace(log=inner.parts.log)
        reloader = Reloader(tmp_path / "gateway.yaml", cast("Any", running), inner.listener, lambda _: None)
        for _ in range(2):
            assert (await reloader.reload()).mistakes == ("internal error: RuntimeError",)
        assert "what was loaded before stays" in caplog.text

    _run(tmp_path, test)


def test_certificate_that_comes_to_its_end_cuts(tmp_path: Path) -> None:
    async def test(inner: Inner, _: Time) -> None:
        reader, writer = await _open(inner)
        (session,) = inner.gateway.tunnels
        ended = replace(session.identity, not_after=datetime.now(UTC) - timedelta(seconds=1), chain=(b"no longer",))
        session.trail.identity = ended
        await inner.gateway.certificates_expired()
        with pytest.raises(ConnectionError):
            await reader.read(1)
        writer.transport.abort()
        await _until(lambda: len(inner.records()) > 1)
        assert inner.records()[-1]["reason"] == "cut-by-certificate"

    _run(tmp_path, test)


def test_no_byte_leaves_after_the_cut_for_a_reader_that_has_stopped(tmp_path: Path) -> None:
    """What the device's system has received by then is there; what waits in the gateway or on its way is not sent."""

    async def test(inner: Inner, _: Time) -> None:
        inner.destination.reply = b"x" * 16_000_000
        device = await asyncio.to_thread(open_tunnel, inner)
        device.sendall(b"now")
        waiting = await settled(device)
        assert waiting > 0
        inner.parts.posture.desk.take(BAD_NEWS)
        await _until(lambda: len(inner.records()) > 1)
        received = await asyncio.to_thread(until_reset, device)
        device.close()
        assert received <= waiting

    _run(tmp_path, test)


def test_would_of_report_only_rules_is_in_the_log(tmp_path: Path) -> None:
    async def test(inner: Inner, _: Time) -> None:
        now = parse_rule_set(RULES, "rules.yaml").rule_set
        after = parse_rule_set(RULES.replace("action: tunnel", "action: block"), "next.yaml").rule_set
        inner.parts.router.book = RuleBook(device_rules(now, (), [after]))
        _, writer = await _open(inner)
        writer.transport.abort()
        await _until(lambda: inner.records())
        record = inner.records()[0]
        assert record["admitted"]
        assert record["would"] == [f"block by rule 'idp' of login ({after.digest[:12]})"]
        assert record["host"] == HOST

    _run(tmp_path, test)
