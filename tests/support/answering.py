"""A web server that answers what it is told to, and counts."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Answer = bytes | Callable[[bytes], bytes]


@dataclass
class WebServer:
    """`answers` by path: a body, or a function from the request's body to one. `hold` keeps every answer back."""

    port: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    status: str = "200 OK"
    fields: str = ""
    asked: Counter[str] = field(default_factory=Counter)
    hold: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def host(self) -> str:
        return f"127.40.0.50:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}/{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next((line[15:] for line in head.lower().split("\r\n") if line.startswith("content-length:")), "0")
            body = await reader.readexactly(int(length))
            path = head.split(" ")[1].lstrip("/")
            self.asked[path] += 1
            await self.hold.wait()
            answer = self.answers[path]
            content = answer if isinstance(answer, bytes) else answer(body)
            lines = (
                f"HTTP/1.1 {self.status}\r\nContent-Length: {len(content)}\r\nConnection: close\r\n{self.fields}\r\n"
            )
            writer.write(lines.encode() + content)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # whoever asked has gone
        finally:
            writer.close()


@asynccontextmanager
async def web_server() -> AsyncIterator[WebServer]:
    web = WebServer()
    web.hold.set()
    server = await asyncio.start_server(web.serve, "127.40.0.50", 0)
    web.port = server.sockets[0].getsockname()[1]
    try:
        yield web
    finally:
        web.hold.set()
        server.close()
        await server.wait_closed()
