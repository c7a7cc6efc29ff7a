"""Rate limit buckets, one minute long each (Okta reference, "Monitor rate limits", "Token and OAuth
2.0 app rate limits", "Concurrency limits")."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from lab.okta.knobs import Knobs

WINDOW: Final = timedelta(minutes=1)
OWN_BUCKETS: Final = ("/api/v1/logs", "/api/v1/devices", "/api/v1/apps", "/api/v1/users", "/api/v1/groups")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a bucket has left after a request, which may be one too many. `reset` is in epoch seconds."""

    limit: int
    remaining: int
    reset: int
    exceeded: bool
    first_beyond: bool = False
    """Whether this is the first request beyond the limit in its minute: the one that is logged."""

    def headers(self) -> list[tuple[bytes, bytes]]:
        return [
            (b"x-rate-limit-limit", str(self.limit).encode()),
            (b"x-rate-limit-remaining", str(self.remaining).encode()),
            (b"x-rate-limit-reset", str(self.reset).encode()),
        ]


@dataclass(slots=True)
class _Window:
    """One minute of a bucket: requests of the whole org (None) and of each principal."""

    end: datetime
    used: dict[str | None, int] = field(default_factory=dict)


class Counts:
    """Counts what happens under a name, minute by minute."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._windows: dict[str, tuple[datetime, int]] = {}

    def add(self, name: str) -> int:
        """Count once; how often it has happened in this minute."""
        now = self._clock()
        self._windows = {known: window for known, window in self._windows.items() if window[0] > now}
        end, used = self._windows.get(name, (now + WINDOW, 0))
        self._windows[name] = (end, used + 1)
        return used + 1


class RateLimits:
    """Counts requests per bucket, and per bucket and principal: an API token or a service app."""

    def __init__(self, knobs: Knobs, clock: Callable[[], datetime]) -> None:
        self._knobs = knobs
        self._clock = clock
        self._windows: dict[str, _Window] = {}

    def count(self, bucket: str, principal: str | None) -> Allowance:
        """Count one request; what is left is what the tighter of both limits leaves."""
        now = self._clock()
        window = self._windows.get(bucket)
        if window is None or now >= window.end:
            window = self._windows[bucket] = _Window(now + WINDOW)
        window.used[None] = window.used.get(None, 0) + 1
        of_org = self._allowance(window, None, self._size(bucket))
        if principal is None:
            return of_org
        window.used[principal] = window.used.get(principal, 0) + 1
        share = max(1, math.floor(self._size(bucket) * self._knobs.principal_share))
        return min(self._allowance(window, principal, share), of_org, key=lambda each: each.remaining - each.exceeded)

    def too_many_at_once(self) -> Allowance:
        """The answer to a request beyond the concurrency limit; its reset is only a suggestion."""
        return Allowance(0, 0, math.ceil((self._clock() + WINDOW).timestamp()), exceeded=True)

    def _size(self, bucket: str) -> int:
        return self._knobs.bucket_sizes.get(bucket, self._knobs.requests_per_minute)

    def _allowance(self, window: _Window, principal: str | None, limit: int) -> Allowance:
        used = window.used[principal]
        reset = math.ceil(window.end.timestamp())
        return Allowance(limit, max(0, limit - used), reset, exceeded=used > limit, first_beyond=used == limit + 1)


def bucket_of(path: str) -> str:
    """The bucket of an API path: a few have their own, zones, policies and API tokens share the catch-all."""
    return next((bucket for bucket in OWN_BUCKETS if path.startswith(bucket)), "/api/v1")
