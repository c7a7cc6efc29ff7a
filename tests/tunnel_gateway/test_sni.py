"""The name inside TLS against the host that was asked for; nothing goes on before it was seen to be right."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inner_gateway import HEAD, Inner, inner_gateway

from dtr_rules.hosts import parse_host
from tunnel_gateway.sni import MAX_BYTES, SniCheck, SniMismatchError, SniMode, SniPolicy


def hello(name: str | None, *, extra: bytes = b"") -> bytes:
    """A ClientHello of the ssl module; `extra` is an extension put into it."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname=name).do_handshake()
    return _with_extension(outgoing.read(), extra) if extra else outgoing.read()


def _with_extension(record: bytes, extension: bytes) -> bytes:
    body = record[9:]
    at = 34 + 1 + body[34]
    at += 2 + int.from_bytes(body[at : at + 2], "big")
    at += 1 + body[at]
    extensions = body[at + 2 :] + extension
    body = body[:at] + len(extensions).to_bytes(2, "big") + extensions
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    return record[:3] + len(message).to_bytes(2, "big") + message


GREASE_ECH = b"\xfe\x0d\x00\x04\x00\x00\x00\x00"


def _check(host: str, *also: str) -> SniCheck:
    return SniCheck(parse_host(host), frozenset(also), enforced=True)


@pytest.mark.parametrize(
    ("host", "name", "also"),
    [
        pytest.param("acme.okta.com", "acme.okta.com", (), id="same"),
        pytest.param("acme.okta.com", "ACME.Okta.com", (), id="another-spelling"),
        pytest.param("acme.okta.com", "public.example", ("public.example",), id="listed"),
        pytest.param("203.0.113.9", None, (), id="address-without-name"),
    ],
)
def test_right_names(host: str, name: str | None, also: tuple[str, ...]) -> None:
    assert _check(host, *also).feed(hello(name)) is True


@pytest.mark.parametrize(
    ("host", "data", "words"),
    [
        pytest.param("acme.okta.com", hello("evil.example"), "is evil.example", id="another-name"),
        pytest.param("acme.okta.com", hello(None), "names no server", id="no-name"),
        pytest.param("203.0.113.9", hello("evil.example"), "is evil.example", id="name-for-an-address"),
        pytest.param("acme.okta.com", b"GET / HTTP/1.1\r\n", "does not speak TLS", id="no-tls"),
        pytest.param("acme.okta.com", b"\x16\x03\x01\x40\x00\x02", "does not speak TLS", id="no-client-hello"),
        pytest.param(
            "acme.okta.com", hello("public.example", extra=GREASE_ECH), "Encrypted Client Hello", id="ech-outer-name"
        ),
        pytest.param("acme.okta.com", b"\x16\x03\x01\x40\x00\x01\x00\x7f\xff" + b"x" * 16391, "16384", id="too-long"),
    ],
)
def test_mismatches(host: str, data: bytes, words: str) -> None:
    with pytest.raises(SniMismatchError, match=words):
        check = _check(host)
        check.feed(data)
        check.feed(b"x")


def test_greased_extension_is_no_encrypted_client_hello() -> None:
    assert _check("acme.okta.com").feed(hello("acme.okta.com", extra=GREASE_ECH)) is True


@given(st.lists(st.integers(1, 80), max_size=40))
def test_any_segmentation(sizes: list[int]) -> None:
    data, check, at = hello("acme.okta.com"), _check("acme.okta.com"), 0
    for size in sizes:
        done = check.feed(data[at : at + size])
        at = min(len(data), at + size)
        assert done is (at == len(data))
        if done:
            return
    assert check.feed(data[at:]) is True


def test_policy_says_where_nobody_looks() -> None:
    host = parse_host("acme.okta.com")
    assert SniPolicy(SniMode.OFF).check(host, 443) is None
    assert SniPolicy(SniMode.ENFORCE, frozenset({993})).check(host, 993) is None
    assert SniPolicy(SniMode.ENFORCE, frozenset({993})).check(host, 443) is not None


# --- through the gateway ---


def _run(tmp_path: Path, mode: SniMode, test: Callable[[Inner], Awaitable[None]], within: float = 5) -> None:
    async def main() -> None:
        async with inner_gateway(tmp_path) as inner, asyncio.timeout(within):
            inner.parts.router._sni = SniPolicy(mode)
            await test(inner)

    asyncio.run(main())


async def _ended(inner: Inner) -> dict[str, Any]:
    while len(inner.records()) < 2:
        await asyncio.sleep(0.01)
    return inner.records()[-1]


def test_enforced_name_goes_on_whole_with_what_came_behind_it(tmp_path: Path) -> None:
    async def test(inner: Inner) -> None:
        data = hello("acme.okta.com")
        reader, writer = await inner.open()
        writer.write(HEAD + data[:1])
        await reader.readuntil(b"\r\n\r\n")
        for part in (data[1:100], data[100:-1]):
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.05)
        assert inner.destination.received == b""
        writer.write(data[-1:] + b"early data")
        assert await reader.readexactly(5) == b"hello"
        assert inner.destination.received == data + b"early data"
        writer.transport.abort()
        end = await _ended(inner)
        assert (end["bytes_up"], end["would"]) == (len(data) + 10, [])

    _run(tmp_path, SniMode.ENFORCE, test)


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        pytest.param(hello("evil.example"), "the server name inside TLS is evil.example", id="another-name"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", "does not speak TLS", id="no-tls"),
        pytest.param(b"\x16\x03\x01" + b"\x40\x00\x01\x00\x7f\xff" + b"x" * MAX_BYTES, "no whole", id="endless"),
    ],
)
def test_nothing_reaches_the_far_end_of_a_mismatch(tmp_path: Path, data: bytes, detail: str) -> None:
    async def test(inner: Inner) -> None:
        reader, writer = await inner.open()
        writer.write(HEAD + data)
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        await inner.destination.closed.wait()
        assert inner.destination.received == b""
        end = await _ended(inner)
        assert (end["reason"], end["bytes_up"]) == ("sni-mismatch", 0)
        assert detail in end["detail"]
        writer.transport.abort()

    _run(tmp_path, SniMode.ENFORCE, test)


def test_client_hello_that_never_comes_ends_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tunnel_gateway.connect.WITHIN", 0.2)

    async def test(inner: Inner) -> None:
        reader, writer = await inner.open()
        writer.write(HEAD + hello("acme.okta.com")[:50])
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        assert (await _ended(inner))["reason"] == "sni-mismatch"
        assert inner.destination.received == b""
        writer.transport.abort()

    _run(tmp_path, SniMode.ENFORCE, test)


def test_reported_mismatch_goes_on_and_is_written_down(tmp_path: Path) -> None:
    async def test(inner: Inner) -> None:
        data = hello("evil.example")
        reader, writer = await inner.open()
        writer.write(HEAD + data)
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(5) == b"hello"
        writer.transport.abort()
        end = await _ended(inner)
        assert end["reason"] == "closed-by-device"
        assert end["would"] == ["sni-mismatch: the server name inside TLS is evil.example"]
        assert inner.destination.received == data

    _run(tmp_path, SniMode.REPORT, test)
