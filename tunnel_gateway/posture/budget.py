"""How many requests the UEM gets: a token bucket that all kinds of requests share.

What a device waits for goes first: the rest leaves a part of the bucket alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

BURST: Final = 0.25
"""The bucket's size, as a part of what a minute allows; at least one request."""
SHORTEST: Final = 0.001
"""Seconds; less than that is no rest for anybody."""
SPARED: Final = 0.5
"""The part of a full bucket that is kept for requests that a device waits for."""


class Budget:
    """At most `per_minute` requests in any minute: a full bucket, and what it regains in that time."""

    def __init__(self, per_minute: int, running: Callable[[], float]) -> None:
        self._size = max(1.0, per_minute * BURST)
        self._rate = max(per_minute - self._size, per_minute / 2) / 60
        self._tokens = self._size
        self._running = running
        self._last = running()
        self._paused_until = 0.0

    async def take(self, *, urgent: bool) -> None:
        """Wait for a token."""
        spared = 0.0 if urgent else self._size * SPARED
        wait = self._wait(spared)
        while wait > 0:
            await asyncio.sleep(max(wait, SHORTEST))
            wait = self._wait(spared)
        self._tokens -= 1.0

    @property
    def paused(self) -> float:
        """Seconds until the pause that the UEM asked for is over."""
        return max(0.0, self._paused_until - self._running())

    def pause(self, seconds: float) -> None:
        """The UEM asked for a pause: nothing is sent until it is over."""
        self._paused_until = max(self._paused_until, self._running() + seconds)

    def _wait(self, spared: float) -> float:
        now = self._running()
        self._tokens = min(self._size, self._tokens + (now - self._last) * self._rate)
        self._last = now
        needed = min(spared + 1.0, self._size)
        return max(self.paused, (needed - self._tokens) / self._rate if self._tokens < needed else 0.0)
