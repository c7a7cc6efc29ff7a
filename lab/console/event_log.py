"""What pages are told, as server-sent events (WHATWG HTML, 9.2): kept for a while, so that a page can catch up."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

KEPT: Final = 500
"""Events that a page which comes back can still get."""
BEHIND: Final = 200
"""Events that a page may be behind before it is left alone; it comes back by itself and catches up."""
HEARTBEAT: Final = 15.0
"""Seconds between signs of life, by which a page's browser notices that the lab has gone."""
RESET: Final = "reset"
"""Tells a page to ask for the whole state: what it missed is not kept any more, or was another world's."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `id` names the world and a number that grows."""

    id: str
    name: str
    data: str

    def encode(self) -> bytes:
        """As it goes over the wire. `data` is JSON and so holds no line break."""
        return f"id: {self.id}\nevent: {self.name}\ndata: {self.data}\n\n".encode()


class EventLog:
    """The events of one world."""

    def __init__(self) -> None:
        self._world: Final = secrets.token_hex(4)
        self._number = 0
        self._kept: Final[deque[Event]] = deque(maxlen=KEPT)
        self._readers: Final[set[asyncio.Queue[Event | None]]] = set()

    @property
    def readers(self) -> int:
        """How many pages listen now."""
        return len(self._readers)

    @property
    def last_id(self) -> str:
        """The id of the newest event."""
        return f"{self._world}-{self._number}"

    def tell(self, name: str, content: Any) -> None:
        """Write an event down and hand it to every page; `content` are values that JSON has."""
        self._number += 1
        event = Event(self.last_id, name, json.dumps(content))
        self._kept.append(event)
        for queue in list(self._readers):
            if queue.qsize() < BEHIND:
                queue.put_nowait(event)
            else:
                self._readers.discard(queue)
                queue.put_nowait(None)

    async def follow(self, last_id: str) -> AsyncIterator[bytes]:
        """Everything after the event `last_id`, then what comes; a comment where nothing comes for a while."""
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        for event in self._since(last_id):
            queue.put_nowait(event)
        self._readers.add(queue)
        try:
            yield b": here\n\n"
            while True:
                try:
                    async with asyncio.timeout(HEARTBEAT):
                        found = await queue.get()
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                if found is None:
                    return
                yield found.encode()
        finally:
            self._readers.discard(queue)

    def _since(self, last_id: str) -> list[Event]:
        world, _, number = last_id.partition("-")
        known = world == self._world and number.isascii() and number.isdigit() and len(number) < 10
        first = self._number - len(self._kept)
        if not known or not first <= int(number) <= self._number:
            return [Event(self.last_id, RESET, "{}")]
        return list(self._kept)[int(number) - first :]
