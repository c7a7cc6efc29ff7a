"""A far end of the lab that fails as it is told: before its application, request by request, over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Act = Callable[["Call"], Awaitable[None]]


@dataclass
class Call:
    """A request that a fault has taken. `number` counts those that it matched, from 1."""

    app: ASGIApp
    scope: Scope
    receive: Receive
    send: Send
    number: int = 0

    async def handle(self) -> None:
        """Let the application answer, as if nothing were wrong."""
        await self.app(self.scope, self.receive, self.send)

    async def do_silently(self) -> None:
        """Let the application act; its answer goes nowhere."""

        async def nowhere(message: Message) -> None:
            """Lost."""

        await self.app(self.scope, self.receive, nowhere)

    async def answer(self, status: int, body: bytes | dict[str, Any] = b"", **headers: str) -> None:
        raw = json.dumps(body).encode() if isinstance(body, dict) else body
        kind = "application/json" if isinstance(body, dict) else headers.pop("kind", "text/html")
        fields = {"content-type": kind, "content-length": headers.pop("length", str(len(raw)))}
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        start = [(name.encode(), value.encode()) for name, value in fields.items()]
        await self.send({"type": "http.response.start", "status": status, "headers": start})
        await self.send({"type": "http.response.body", "body": raw})


@dataclass
class Fault:
    """What happens to requests of a method whose path contains `path`: to those numbered in `numbers` (all: None)."""

    method: str
    path: str
    act: Act
    numbers: tuple[int, ...] | None = (1,)
    seen: int = 0

    def takes(self, scope: Scope) -> bool:
        if scope["method"] != self.method or self.path not in scope["path"]:
            return False
        self.seen += 1
        return self.numbers is None or self.seen in self.numbers


@dataclass
class Faulty:
    """An application with faults before it, which are set while it runs."""

    app: ASGIApp
    faults: list[Fault] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.requests.append(f"{scope['method']} {scope['path']}")
        for fault in self.faults:
            if fault.takes(scope):
                await fault.act(Call(self.app, scope, receive, send, fault.seen))
                return
        await self.app(scope, receive, send)


# --- what can go wrong ---------------------------------------------------------------------------------------------


def status(code: int, body: bytes | dict[str, Any] = b"", **headers: str) -> Act:
    """Answer so, and do nothing."""

    async def act(call: Call) -> None:
        await call.answer(code, body, **headers)

    return act


async def lost(call: Call) -> None:
    """Do it, and cut the connection in the middle of the answer."""
    await call.do_silently()
    await call.answer(200, b'{"id":', kind="application/json", length="4096")


async def not_done(call: Call) -> None:
    """Cut the connection without having done anything."""
    await call.answer(200, b"{", kind="application/json", length="4096")


async def half_a_json(call: Call) -> None:
    """Do it, and answer with half a document."""
    await call.do_silently()
    await call.answer(200, b'{"id": "nzo', kind="application/json")


async def a_page(call: Call) -> None:
    """Answer as the sign-in page of a hotel does."""
    await call.answer(200, b"<html>please sign in</html>")


async def slow(call: Call) -> None:
    """Answer a byte at a time, longer than anybody waits."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"4096")]
    await call.send({"type": "http.response.start", "status": 200, "headers": headers})
    for _ in range(100):
        await call.send({"type": "http.response.body", "body": b" ", "more_body": True})
        await asyncio.sleep(0.05)


def after(act: Callable[[], object]) -> Act:
    """Let it be done and answered, and right before the answer let somebody else act."""

    async def acted(call: Call) -> None:
        done: list[Message] = []

        async def keep(message: Message) -> None:
            done.append(message)

        await call.app(call.scope, call.receive, keep)
        act()
        for message in done:
            await call.send(message)

    return acted


def before(act: Callable[[], object]) -> Act:
    """Let somebody else act, then let it be done and answered."""

    async def acted(call: Call) -> None:
        act()
        await call.handle()

    return acted
