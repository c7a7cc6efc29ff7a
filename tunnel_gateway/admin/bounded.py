"""Bounds for connections to the admin endpoint, which uvicorn has none of before a request is whole.

Any program of this machine can connect to loopback, without a token too. None may keep the operator out by holding
connections, or hold one for ever by sending its request, or taking its answer, drop by drop.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

CONNECTIONS: Final = 64
"""At the most. One more takes the place of the one whose request has been awaited for longest."""
REQUEST_WITHIN: Final = 10.0
"""Seconds for a whole request, and from an answer to the next one: by then the answer must have been taken."""
ANSWER_WITHIN: Final = 60.0
"""Seconds until there must be an answer."""


class BoundedProtocol(H11Protocol):
    """One connection."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.since = 0.0
        self.answers = False
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._give(REQUEST_WITHIN)
        if len(self.connections) > CONNECTIONS:
            others = [each for each in self.connections if isinstance(each, BoundedProtocol) and not each.answers]
            min(others, key=lambda each: each.since).transport.abort()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        self.answers = False
        self._give(REQUEST_WITHIN)
        super().on_response_complete()  # begins with the next request, if that is here
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        cycle = cast("Any", self.cycle)  # None before the first request
        if not self.answers and cycle is not None and not cycle.more_body and not cycle.response_complete:
            self.answers = True
            self._give(ANSWER_WITHIN)

    def _give(self, seconds: float) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self.since = self.loop.time()
        self._deadline = self.loop.call_later(seconds, self.transport.abort)
