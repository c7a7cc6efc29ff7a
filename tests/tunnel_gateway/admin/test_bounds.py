"""Connections to the admin endpoint that are held open: none for ever, and none in the operator's way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from dtr_rules.credentials import Secret
from tunnel_gateway.admin import AdminServer, admin_app, bounded
from tunnel_gateway.reload import Reloaded

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
HEAD = b"POST /echo HTTP/1.1\r\nHost: admin\r\nContent-Length: 4\r\n\r\n"


async def _echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(await request.body())


async def _never(_: Request) -> PlainTextResponse:
    return await asyncio.Event().wait()  # type: ignore[return-value]


async def _much(_: Request) -> PlainTextResponse:
    return PlainTextResponse("x" * 20_000_000)


ROUTES = [Route("/echo", _echo, methods=["POST"]), Route("/much", _much), Route("/never", _never)]


def _run(
    test: Callable[[str, Callable[[], Awaitable[Connection]]], Awaitable[None]], app: Starlette | None = None
) -> None:
    async def main() -> None:
        server = AdminServer(app or Starlette(routes=ROUTES), ("127.0.0.1", 0))
        server.start()
        host, _, port = server.url.removeprefix("http://").partition(":")
        opened: list[Connection] = []

        async def connect() -> Connection:
            opened.append(await asyncio.open_connection(host, int(port)))
            return opened[-1]

        try:
            async with asyncio.timeout(10):
                await test(server.url, connect)
        finally:
            for _, writer in opened:
                writer.transport.abort()
            await server.stop()

    asyncio.run(main())


async def _cut(reader: asyncio.StreamReader) -> bool:
    try:
        return await reader.read(1) == b""
    except ConnectionError:
        return True


@pytest.mark.parametrize("sent", [b"", HEAD[:30], HEAD + b"ab"], ids=["nothing", "half-a-head", "half-a-body"])
def test_request_that_does_not_come_whole_is_cut(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr(bounded, "REQUEST_WITHIN", 0.2)

    async def test(_: str, connect: Callable[[], Awaitable[Connection]]) -> None:
        reader, writer = await connect()
        writer.write(sent)
        assert await _cut(reader)

    _run(test)


def test_dripping_request_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte in time, all of them together not."""
    monkeypatch.setattr(bounded, "REQUEST_WITHIN", 0.2)

    async def test(_: str, connect: Callable[[], Awaitable[Connection]]) -> None:
        reader, writer = await connect()
        over = asyncio.ensure_future(_cut(reader))
        for byte in HEAD * 10:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.02)
            if over.done():
                break
        assert await over
        assert byte != HEAD[-1]

    _run(test)


def test_answer_that_nobody_takes_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "REQUEST_WITHIN", 0.2)

    async def test(_: str, connect: Callable[[], Awaitable[Connection]]) -> None:
        reader, writer = await connect()
        reader._limit = 1000  # its buffer is full at once, and nothing more is read
        writer.write(b"GET /much HTTP/1.1\r\nHost: admin\r\n\r\n")
        await asyncio.sleep(0.5)
        with pytest.raises(asyncio.IncompleteReadError):
            await reader.readexactly(20_000_000)

    _run(test)


def test_answer_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "ANSWER_WITHIN", 0.2)

    async def test(_: str, connect: Callable[[], Awaitable[Connection]]) -> None:
        reader, writer = await connect()
        writer.write(b"GET /never HTTP/1.1\r\nHost: admin\r\n\r\n")
        assert await _cut(reader)

    _run(test)


def test_held_connections_keep_no_operator_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "CONNECTIONS", 3)

    async def test(url: str, connect: Callable[[], Awaitable[Connection]]) -> None:
        held = [await connect() for _ in range(3)]
        for _, writer in held:
            writer.write(HEAD)
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            for _ in range(3):
                assert (await client.post("/echo", content=b"text")).text == "text"
        assert await _cut(held[0][0])
        held[2][1].write(b"rest")
        assert (await held[2][0].readuntil(b"rest")).startswith(b"HTTP/1.1 200 ")

    _run(test)


def test_too_many_wrong_tokens_are_told_to_wait_and_the_right_one_still_counts() -> None:
    async def reload() -> Reloaded:
        return Reloaded("", ("rules.yaml:1:1: a mistake",))

    async def test(url: str, _: Callable[[], Awaitable[Connection]]) -> None:
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:

            async def status(token: str) -> int:
                return (await client.post("/reload", json={}, headers={"Authorization": f"Bearer {token}"})).status_code

            assert {await status("wrong") for _ in range(60)} == {401, 429}
            assert await status("the-right-one") == 422

    _run(test, admin_app(cast("Any", SimpleNamespace(reload=reload)), Secret("the-right-one")))
