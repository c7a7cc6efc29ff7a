"""Through a real HTTPS proxy: verified TLS, a CONNECT of the gateway's own, and its refusals in the gateway's words."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hellos import hello
from inner_gateway import HEAD, HOST, Inner, inner_gateway
from OpenSSL import SSL

from dtr_rules import parse_rule_set
from lab.authority import Authority
from tunnel_gateway.rule_book import RuleBook, device_rules
from tunnel_gateway.sni import SniMode, SniPolicy

RULES = f"""
version: 1
name: by-proxy
mode: full-device
default: block
rules:
  - {{name: cloud, apps: all, action: proxy, proxy: "https://proxy.example:3128", to: [{HOST}]}}
"""
PROXY = "proxy.example"


@dataclass
class Proxy:
    """Answers every CONNECT with `answer`, and echoes in upper case after it."""

    answer: bytes = b"HTTP/1.1 200 OK\r\nX: y\r\n\r\n"
    heads: list[bytes] = field(default_factory=list)
    received: bytearray = field(default_factory=bytearray)
    sources: set[str] = field(default_factory=set)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        self.sources.add(writer.get_extra_info("peername")[0])
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            self.heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(self.answer)
            while part := await reader.read(65536):
                self.received += part
                writer.write(part.upper())
        writer.close()


def _run(
    tmp_path: Path, test: Callable[[Inner, Proxy], Awaitable[None]], *, trusted: bool = True, name: str = PROXY
) -> None:
    authority = Authority("Proxies")
    certificate, key = authority.issue_server([name], []).write(tmp_path, "proxy")
    server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_tls.load_cert_chain(certificate, key)
    trust = ssl.create_default_context(cadata=authority.certificate_pem.decode() if trusted else None)

    async def main() -> None:
        proxy = Proxy()
        server = await asyncio.start_server(proxy.serve, "127.40.0.20", 0, ssl=server_tls)
        async with inner_gateway(tmp_path) as inner, asyncio.timeout(10), server:
            router = inner.parts.router
            router.book = RuleBook(device_rules(parse_rule_set(RULES, "rules.yaml").rule_set))
            router._proxy_tls = trust
            inner.lead(PROXY, 3128, server.sockets[0].getsockname())
            await test(inner, proxy)

    asyncio.run(main())


def test_tunnel_goes_on_by_the_proxy(tmp_path: Path) -> None:
    async def test(inner: Inner, proxy: Proxy) -> None:
        reader, writer = await inner.open()
        writer.write(HEAD + b"early, ")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        writer.write(b"late")
        assert await reader.readexactly(11) == b"EARLY, LATE"
        assert proxy.heads == [f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}:443\r\n\r\n".encode()]
        assert proxy.sources == {"127.42.0.10"}
        (opened,) = inner.records()
        assert (opened["action"], opened["egress"], opened["address"]) == ("proxy", "127.42.0.10", "127.40.0.20")
        writer.close()
        while len(inner.records()) < 2:
            await asyncio.sleep(0.01)
        assert inner.records()[-1]["reason"] == "closed-by-device"

    _run(tmp_path, test)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(b"HTTP/1.1 403 Forbidden\r\n\r\n", "the proxy refuses with 403", id="refused"),
        pytest.param(b"HTTP/1.1 407 Who\r\nA: b\r\n\r\n", "the proxy refuses with 407", id="wants-credentials"),
        pytest.param(b"SSH-2.0-x\r\n\r\n", "does not answer in HTTP/1.1", id="no-http"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\nsurprise", "sent more than its answer", id="speaks-first"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 9000 + b"\r\n\r\n", "longer than 8192", id="endless"),
    ],
)
def test_refusal_of_the_proxy_is_connect_failed(tmp_path: Path, answer: bytes, words: str) -> None:
    async def test(inner: Inner, proxy: Proxy) -> None:
        proxy.answer = answer
        first, body = await inner.ask()
        assert (first, body["reason"]) == ("HTTP/1.1 502 Bad Gateway", "connect-failed")
        assert words in body["detail"]

    _run(tmp_path, test)


@pytest.mark.parametrize(
    ("trusted", "name", "words"),
    [(False, PROXY, "unable to get local issuer certificate"), (True, "other.example", "Hostname mismatch")],
    ids=["stranger", "another-name"],
)
def test_proxy_is_verified_before_it_is_told_anything(tmp_path: Path, trusted: bool, name: str, words: str) -> None:
    async def test(inner: Inner, proxy: Proxy) -> None:
        first, body = await inner.ask()
        assert (first, body["reason"]) == ("HTTP/1.1 502 Bad Gateway", "connect-failed")
        assert words in body["detail"]
        assert proxy.heads == []

    _run(tmp_path, test, trusted=trusted, name=name)


# --- the name inside, and the end ---


def test_name_inside_is_enforced_before_the_proxy_is_sent_anything(tmp_path: Path) -> None:
    async def test(inner: Inner, proxy: Proxy) -> None:
        inner.parts.router._sni = SniPolicy(SniMode.ENFORCE)
        right = hello(HOST)
        reader, writer = await inner.open()
        writer.write(HEAD + right)
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(len(right)) == right.upper()
        writer.transport.abort()
        proxy.received.clear()
        reader, writer = await inner.open()
        writer.write(HEAD + hello("evil.example"))
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        while (end := inner.records()[-1])["event"] != "end" or end["reason"] != "sni-mismatch":
            await asyncio.sleep(0.01)
        assert end["detail"] == "the server name inside TLS is evil.example"
        assert len(proxy.heads) == 2
        assert proxy.received == b""
        writer.transport.abort()

    _run(tmp_path, test)


def test_half_close_goes_on_through_the_proxy(tmp_path: Path) -> None:
    """A far end that answers after the device's last word is heard to the end, in both directions."""

    async def test(inner: Inner, _: Proxy) -> None:
        with socket.create_server(("127.40.0.20", 0)) as listening:
            inner.lead(PROXY, 3128, listening.getsockname())
            far_end = asyncio.ensure_future(asyncio.to_thread(_answers_at_the_end, listening, tmp_path))
            answer = await asyncio.to_thread(_half_closes, inner)
            await far_end
        assert answer == b"A WHOLE REQUEST" * 100_000
        while len(inner.records()) < 2:
            await asyncio.sleep(0.01)
        end = inner.records()[-1]
        assert (end["reason"], end["bytes_up"], end["bytes_down"]) == ("closed-by-device", 15, 1_500_000)

    _run(tmp_path, test)


def _answers_at_the_end(listening: socket.socket, directory: Path) -> None:
    """A proxy that has its answer ready only once everything was said."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.use_certificate_file(str(directory / "proxy.pem"))
    context.use_privatekey_file(str(directory / "proxy.key"))
    raw, _ = listening.accept()
    connection = SSL.Connection(context, raw)
    connection.set_accept_state()
    while not connection.recv(65536).endswith(b"\r\n\r\n"):
        pass
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    said = _until_close_notify(connection)
    connection.sendall(said.upper() * 100_000)
    connection.shutdown()
    raw.close()


def _half_closes(inner: Inner) -> bytes:
    """What a device hears after its own last word."""
    certificate, key = inner.credential.write(inner.directory, "device")
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.use_certificate_chain_file(str(certificate))
    context.use_privatekey_file(str(key))
    with socket.create_connection(inner.listener.address) as raw:
        connection = SSL.Connection(context, raw)
        connection.set_connect_state()
        connection.sendall(HEAD)
        assert connection.recv(65536).endswith(b"\r\n\r\n")
        connection.sendall(b"a whole request")
        connection.shutdown()
        return _until_close_notify(connection)


def _until_close_notify(connection: SSL.Connection) -> bytes:
    said = b""
    with suppress(SSL.ZeroReturnError):
        while True:
            said += connection.recv(65536)
    return said


def test_proxy_that_goes_without_close_notify_ends_the_tunnel(tmp_path: Path) -> None:
    async def test(inner: Inner, proxy: Proxy) -> None:
        reader, writer = await inner.open()
        writer.write(HEAD)
        await reader.readuntil(b"\r\n\r\n")
        proxy.writers[0].get_extra_info("socket").shutdown(socket.SHUT_WR)
        assert await reader.read() == b""
        while len(inner.records()) < 2:
            await asyncio.sleep(0.01)
        assert inner.records()[-1]["reason"] == "closed-by-server"
        writer.transport.abort()

    _run(tmp_path, test)
