"""Rate limit buckets, one minute long each (Okta reference, "Monitor rate limits")."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a bucket has left after a request, which may be one too many. `reset` is in epoch seconds."""

    limit: int
    remaining: int
    reset: int
    exceeded: bool

    def headers(self) -> list[tuple[bytes, bytes]]:
        return [
            (b"x-rate-limit-limit", str(self.limit).encode()),
            (b"x-rate-limit-remaining", str(self.remaining).encode()),
            (b"x-rate-limit-reset", str(self.reset).encode()),
        ]


class RateLimits:
    """Counts requests per bucket."""

    def __init__(self, limit: int, clock: Callable[[], datetime]) -> None:
        self._limit = limit
        self._clock = clock
        self._windows: dict[str, tuple[datetime, int]] = {}

    def count(self, bucket: str) -> Allowance:
        """Count one request."""
        now = self._clock()
        end, used = self._windows.get(bucket, (now, 0))
        if now >= end:
            end, used = now + WINDOW, 0
        used += 1
        self._windows[bucket] = (end, used)
        remaining = max(0, self._limit - used)
        return Allowance(self._limit, remaining, math.ceil(end.timestamp()), exceeded=used > self._limit)


def bucket_of(path: str) -> str:
    """The bucket of an API path: the System Log has its own, zones and policies share the catch-all."""
    return "/api/v1/logs" if path.startswith("/api/v1/logs") else "/api/v1"
