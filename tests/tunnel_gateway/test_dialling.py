"""Dialling: who is tried when, who is kept, what is left of the others."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest

from tunnel_gateway.mitm import DialError, EgressUnusableError
from tunnel_gateway.mitm.dialling import ATTEMPT_DELAY, dial

EGRESS = "127.42.0.10"


def _run(test: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(5):
            await test()

    asyncio.run(main())


@contextmanager
def _server(address: str, *, answers: bool = True) -> Iterator[tuple[str, int]]:
    """One that answers, or one whose queue is full, so that the system answers nobody."""
    with socket.socket() as listening:
        listening.bind((address, 0))
        listening.listen(16 if answers else 0)
        waiting = []
        for _ in range(0 if answers else 3):
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(listening.getsockname())
        yield listening.getsockname()
        for each in waiting:
            each.close()


def _closed(address: str) -> tuple[str, int]:
    with socket.socket() as once:
        once.bind((address, 0))
        return once.getsockname()


def test_leaves_from_the_egress_address() -> None:
    async def test() -> None:
        with _server("127.40.0.10") as target, await dial([target], EGRESS) as connected:
            assert connected.getsockname()[0] == EGRESS
            assert connected.getpeername() == target

    _run(test)


def test_next_address_is_tried_when_the_first_does_not_answer() -> None:
    async def test() -> None:
        loop = asyncio.get_running_loop()
        with _server("127.40.0.11", answers=False) as deaf, _server("127.40.0.10") as target:
            started = loop.time()
            with await dial([deaf, target], EGRESS) as connected:
                assert connected.getpeername() == target
            assert loop.time() - started >= ATTEMPT_DELAY

    _run(test)


def test_next_address_is_tried_at_once_when_the_first_refuses() -> None:
    async def test() -> None:
        loop = asyncio.get_running_loop()
        with _server("127.40.0.10") as target:
            started = loop.time()
            (await dial([_closed("127.40.0.11"), _closed("127.40.0.12"), target], EGRESS)).close()
            assert loop.time() - started < ATTEMPT_DELAY

    _run(test)


def test_words_of_the_first_failure() -> None:
    async def test() -> None:
        with pytest.raises(DialError, match=r"^Connection refused$"):
            await dial([_closed("127.40.0.11"), _closed("127.40.0.12")], EGRESS)

    _run(test)


def test_egress_address_that_is_not_here() -> None:
    async def test() -> None:
        with _server("127.40.0.10") as target, pytest.raises(EgressUnusableError, match="Cannot assign"):
            await dial([target], "203.0.113.7")

    _run(test)


def test_cancelled_dial_leaves_nothing() -> None:
    async def test() -> None:
        with _server("127.40.0.11", answers=False) as deaf, _server("127.40.0.12", answers=False) as other:
            before = len(asyncio.all_tasks())
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(ATTEMPT_DELAY * 1.5):
                    await dial([deaf, other], EGRESS)
            await asyncio.sleep(0)
            assert len(asyncio.all_tasks()) == before

    _run(test)
