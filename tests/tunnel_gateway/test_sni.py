"""The name inside TLS against the host that was asked for; nothing goes on before it was seen to be right."""

from __future__ import annotations

import asyncio
import copy
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hellos import hello
from hypothesis import given
from hypothesis import strategies as st
from inner_gateway import HEAD, Inner, inner_gateway

from dtr_rules.hosts import parse_host
from lab.authority import Authority
from tunnel_gateway.sni import MAX_BYTES, SniCheck, SniMismatchError, SniMode, SniPolicy

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
    assert _check(host, *also).feed(data := hello(name)) == data


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
    data = hello("acme.okta.com", extra=GREASE_ECH)
    assert _check("acme.okta.com").feed(data) == data


@given(st.lists(st.integers(1, 80), max_size=40))
def test_any_segmentation(sizes: list[int]) -> None:
    data, check, at = hello("acme.okta.com"), _check("acme.okta.com"), 0
    for size in [*sizes, 5000]:
        passed = check.feed(data[at : at + size])
        assert passed == (data if at < len(data) <= at + size else b"")
        at += size


def test_policy_says_where_nobody_looks() -> None:
    host = parse_host("acme.okta.com")
    assert SniPolicy(SniMode.OFF).check(host, 443) is None
    assert SniPolicy(SniMode.ENFORCE, frozenset({993})).check(host, 993) is None
    assert SniPolicy(SniMode.ENFORCE, frozenset({993})).check(host, 443) is not None


# --- the second ClientHello, after a HelloRetryRequest ---

CHANGE_CIPHER_SPEC = b"\x14\x03\x03\x00\x01\x01"
EARLY_DATA = b"\x17\x03\x03\x00\x05abcde"
HELLO_RETRY_REQUEST = b"\x16\x03\x03\x00\x58\x02\x00\x00\x54\x03\x03" + bytes.fromhex(
    "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"
)
SERVER_HELLO = HELLO_RETRY_REQUEST[:11] + bytes(32)


@pytest.mark.parametrize(
    "behind",
    [
        pytest.param(hello("evil.example"), id="at-once"),
        pytest.param(CHANGE_CIPHER_SPEC + hello("evil.example"), id="behind-a-change-of-cipher"),
        pytest.param(EARLY_DATA + EARLY_DATA + hello("evil.example"), id="behind-early-data"),
        pytest.param(hello(None), id="without-a-name"),
        pytest.param(b"\x16\x03\x03\x00\x04\x10\x00\x00\x00", id="another-handshake-message"),
        pytest.param(b"\x18\x03\x03\x00\x01x", id="another-record"),
    ],
)
@pytest.mark.parametrize("answer", [b"", HELLO_RETRY_REQUEST], ids=["before-the-answer", "after-it"])
def test_second_hello_must_name_the_host_as_well(behind: bytes, answer: bytes) -> None:
    check = _check("acme.okta.com")
    check.feed(hello("acme.okta.com"))
    for byte in answer:
        check.answered(bytes([byte]))
    passed = b""
    with pytest.raises(SniMismatchError):
        for byte in behind:
            passed += check.feed(bytes([byte]))
    assert b"\x16" not in passed


def test_once_the_server_goes_on_with_the_handshake_nobody_looks() -> None:
    check, rest = _check("acme.okta.com"), b"\x16\x03\x03\x00\x04\x10\x00\x00\x00" + hello("evil.example")
    check.answered(HELLO_RETRY_REQUEST)  # before the device has said anything, it answers nothing
    check.feed(hello("acme.okta.com"))
    assert not check.is_over
    check.answered(SERVER_HELLO[:42])
    assert not check.is_over
    check.answered(SERVER_HELLO[42:])
    assert check.is_over
    assert check.feed(rest) == rest


def _handshake(directory: Path, server_name: str) -> tuple[bytes, bytes, bytes]:
    """Two ClientHellos of the ssl module, and a server's HelloRetryRequest between them."""
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(*Authority("Servers").issue_server([server_name], []).write(directory, "server"))
    server_context.set_ecdh_curve("secp384r1")  # no client sends a share of it unasked
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_context.check_hostname, client_context.verify_mode = False, ssl.CERT_NONE
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname=server_name)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    said = []
    for each in (client, server, client):
        with pytest.raises(ssl.SSLWantReadError):
            each.do_handshake()
        other = to_client if each is server else to_server
        said.append(other.read())
        other.write(said[-1])
    return said[0], said[1], said[2]


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_real_second_hello_goes_on_and_one_for_another_name_does_not(tmp_path: Path, size: int) -> None:
    first, retry, second = _handshake(tmp_path, "acme.okta.com")
    check = _check("acme.okta.com")
    assert _fed(check, first, size) == first
    for part in _parts(retry, size):
        check.answered(part)
    with pytest.raises(SniMismatchError, match=r"is evil\.okta\.com"):
        copy.deepcopy(check).feed(second.replace(b"acme.okta.com", b"evil.okta.com"))
    assert not check.is_over
    assert _fed(check, second, size) == second
    assert check.is_over


def _fed(check: SniCheck, data: bytes, size: int) -> bytes:
    return b"".join(check.feed(part) for part in _parts(data, size))


def _parts(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


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
        writer.write(data[-1:] + EARLY_DATA)
        assert await reader.readexactly(5) == b"hello"
        assert inner.destination.received == data + EARLY_DATA
        writer.transport.abort()
        end = await _ended(inner)
        assert (end["bytes_up"], end["would"]) == (len(data) + len(EARLY_DATA), [])

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


def test_second_hello_for_another_name_does_not_reach_the_far_end(tmp_path: Path) -> None:
    async def test(inner: Inner) -> None:
        inner.destination.reply = HELLO_RETRY_REQUEST
        data = hello("acme.okta.com")
        reader, writer = await inner.open()
        writer.write(HEAD + data)
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(43) == HELLO_RETRY_REQUEST
        writer.write(CHANGE_CIPHER_SPEC + hello("evil.example"))
        await inner.destination.closed.wait()
        assert inner.destination.received == data
        end = await _ended(inner)
        assert (end["reason"], end["detail"]) == ("sni-mismatch", "the server name inside TLS is evil.example")
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
