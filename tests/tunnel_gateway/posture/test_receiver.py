"""The listener for events, on a real socket with real TLS: who may come in, and what it takes."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from lab.authority import Authority
from tunnel_gateway.posture import receiver
from tunnel_gateway.posture.desk import TooManyEventsError
from tunnel_gateway.posture.events import EventError
from tunnel_gateway.posture.receiver import MAX_BODY, Door, EventReceiver

DOOR = Door("uem", "a-pässword", frozenset({"gateway.acme.example"}))
GOOD = ("uem", "a-pässword")


@dataclass
class Listening:
    """The listener, and what it has taken in."""

    url: str
    address: tuple[str, int]
    trust: ssl.SSLContext
    taken: list[bytes] = field(default_factory=list)

    def take(self, body: bytes) -> None:
        if body == b"no event":
            raise EventError("no event")
        if body == b"one too many":
            raise TooManyEventsError
        self.taken.append(body)

    async def ask(self, method: str = "POST", *, auth: Any = GOOD, **options: Any) -> httpx.Response:
        async with httpx.AsyncClient(verify=self.trust, trust_env=False) as client:
            return await client.request(method, self.url, auth=auth, **options)


def _run(tmp_path: Path, test: Callable[[Listening], Awaitable[None]]) -> None:
    async def main() -> None:
        authority = Authority("Lab")
        certificate, key = authority.issue_server(["gateway"], ["127.41.0.1"]).write(tmp_path, "events")
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
        trust = ssl.create_default_context(cadata=authority.certificate_pem.decode())
        listening = Listening("", ("", 0), trust)
        listener = EventReceiver(("127.41.0.1", 0), tls, DOOR, listening.take)
        listening.address = listener.address
        listening.url = "https://{}:{}/events".format(*listener.address)
        running = asyncio.ensure_future(listener.run())
        try:
            async with asyncio.timeout(20):
                await test(listening)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("status", "method", "options"),
    [
        pytest.param(200, "GET", {}, id="test-by-get"),
        pytest.param(200, "POST", {"content": b"{}"}, id="event"),
        pytest.param(200, "POST", {"content": b"{}", "headers": {"Host": "Gateway.ACME.example:8444"}}, id="by-name"),
        pytest.param(400, "POST", {"content": b"no event"}, id="no-event"),
        pytest.param(503, "POST", {"content": b"one too many"}, id="no-room"),
        pytest.param(401, "POST", {"auth": None}, id="nobody"),
        pytest.param(401, "POST", {"auth": ("uem", "wrong")}, id="wrong-password"),
        pytest.param(401, "POST", {"auth": ("uem2", "a-pässword")}, id="wrong-user"),
        pytest.param(401, "POST", {"auth": None, "headers": {"Authorization": "Basic ?"}}, id="no-base64"),
        pytest.param(401, "GET", {"auth": None}, id="test-by-nobody"),
        pytest.param(421, "POST", {"headers": {"Host": "evil.example"}}, id="rebound-name"),
        pytest.param(403, "POST", {"headers": {"Origin": "https://evil.example"}}, id="from-a-web-page"),
        pytest.param(405, "PUT", {"content": b"{}"}, id="another-method"),
        pytest.param(413, "POST", {"content": b"x" * (MAX_BODY + 1)}, id="long-body"),
    ],
)
def test_answers(tmp_path: Path, status: int, method: str, options: dict[str, Any]) -> None:
    async def test(listening: Listening) -> None:
        answer = await listening.ask(method, **options)
        assert (answer.status_code, answer.content) == (status, b"")
        assert listening.taken == ([b"{}"] if status == 200 and method == "POST" else [])

    _run(tmp_path, test)


def test_without_tls_a_refusal_still_arrives(tmp_path: Path) -> None:
    async def main() -> None:
        listener = EventReceiver(("127.41.0.1", 0), None, DOOR, lambda _: None)
        running = asyncio.ensure_future(listener.run())
        async with asyncio.timeout(10), httpx.AsyncClient(trust_env=False) as client:
            for _ in range(5):
                url = "http://{}:{}/".format(*listener.address)
                assert (await client.post(url, content=b"x" * 200_000, auth=("x", "y"))).status_code == 401
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(main())


def test_one_connection_brings_many_events_in_any_framing(tmp_path: Path) -> None:
    async def parts() -> Any:
        yield b'{"a":'
        yield b"1}"

    async def test(listening: Listening) -> None:
        async with httpx.AsyncClient(verify=listening.trust, trust_env=False, auth=GOOD) as client:
            for content in (b"{}", parts(), b"{}"):
                assert (await client.post(listening.url, content=content)).status_code == 200
        assert listening.taken == [b"{}", b'{"a":1}', b"{}"]

    _run(tmp_path, test)


def test_guesses_are_turned_away_and_do_not_lock_out_the_uem(tmp_path: Path) -> None:
    """Behind a proxy on the same machine, strangers come from the address that the UEM comes from."""

    async def test(listening: Listening) -> None:
        codes = {(await listening.ask(auth=("uem", str(guess)))).status_code for guess in range(30)}
        assert codes == {401, 429}
        assert (await listening.ask(content=b"{}")).status_code == 200
        assert listening.taken == [b"{}"]

    _run(tmp_path, test)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"POST / HTTP/1.1\r\nHost: 127.41.0.1\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.41.0.1\r\nContent-Length: 9\r\n\r\n{",
    ],
    ids=["nothing", "half-a-head", "a-stranger's-half-body"],
)
def test_slow_client_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    async def test(listening: Listening) -> None:
        monkeypatch.setattr(receiver, "WITHIN", 0.2)
        reader, writer = await asyncio.open_connection(*listening.address, ssl=listening.trust)
        writer.write(sent)
        await asyncio.wait_for(reader.read(), 5)
        writer.close()

    _run(tmp_path, test)


@pytest.mark.parametrize(
    "sent",
    [b"\r\n\r\n\r\n", b"GET / HTTP/1.1\nHost: x\n\n", b"POST / HTTP/9.9\r\n\r\n", b"x" * 20_000, b"\x00\xff" * 100],
    ids=["empty-lines", "bare-line-feeds", "another-version", "endless-line", "no-http"],
)
def test_nonsense_ends_its_connection_and_nothing_else(tmp_path: Path, sent: bytes) -> None:
    async def test(listening: Listening) -> None:
        reader, writer = await asyncio.open_connection(*listening.address, ssl=listening.trust)
        writer.write(sent)
        writer.write_eof() if writer.can_write_eof() else None
        with contextlib.suppress(TimeoutError, ConnectionError):
            await asyncio.wait_for(reader.read(), 1)
        writer.transport.abort()
        assert (await listening.ask("GET")).status_code == 200

    _run(tmp_path, test)


def test_one_address_cannot_take_every_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(listening: Listening) -> None:
        monkeypatch.setattr(receiver, "PER_SOURCE", 3)
        kept = [await asyncio.open_connection(*listening.address, ssl=listening.trust) for _ in range(3)]
        with pytest.raises((ConnectionError, ssl.SSLError)):
            await asyncio.open_connection(*listening.address, ssl=listening.trust)
        for _, writer in kept:
            writer.transport.abort()

    _run(tmp_path, test)
