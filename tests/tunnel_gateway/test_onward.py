"""Through a real HTTPS proxy: verified TLS, a CONNECT of the gateway's own, and its refusals in the gateway's words."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from inner_gateway import HEAD, HOST, Inner, inner_gateway

from dtr_rules import parse_rule_set
from lab.authority import Authority
from tunnel_gateway.rule_book import RuleBook, device_rules

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
    sources: set[str] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sources.add(writer.get_extra_info("peername")[0])
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            self.heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(self.answer)
            while part := await reader.read(65536):
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
            router.dialer._connect_to = {(PROXY, 3128): server.sockets[0].getsockname()}  # type: ignore[assignment]
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
