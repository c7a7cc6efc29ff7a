"""Okta's rate limits, as its answers tell them (Okta API docs, "Rate limits").

`X-Rate-Limit-Limit`, `-Remaining` and `-Reset` come with every answer; the last is in epoch seconds of Okta's
clock, so it is compared with the answer's own `Date`. A limit of 0 is the one of concurrent requests, whose reset is
only a suggestion.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from okta_zones.exchange.repeat import date_of

RESERVE: Final = 0.1
"""The part of a limit that is left to others: the org's people, and its other programs."""
_BUCKETS: Final = ("/api/v1/logs", "/api/v1/apps", "/api/v1/users", "/api/v1/devices", "/api/v1", "/oauth2")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an answer said of its bucket. `reset` in monotonic seconds."""

    limit: int
    remaining: int
    reset: float

    @property
    def scarce(self) -> bool:
        return self.limit > 0 and self.remaining <= math.ceil(self.limit * RESERVE)


class RateLimits:
    """What is left in each bucket of an org, for all requests of this program."""

    why = "its rate limit is nearly used up"

    def __init__(self) -> None:
        self.seen: dict[str, Allowance] = {}

    def wait(self, path: str, now: float) -> float:
        """Seconds until the bucket is full again, where little is left of it."""
        allowance = self.seen.get(bucket_of(path))
        return max(allowance.reset - now, 0) if allowance is not None and allowance.scarce else 0

    def learn(self, path: str, headers: Mapping[str, str], now: float) -> None:
        left = seconds_to_reset(headers, time.time())
        try:
            limit, remaining = int(headers["X-Rate-Limit-Limit"]), int(headers["X-Rate-Limit-Remaining"])
        except (KeyError, ValueError):
            return
        if left is not None:
            self.seen[bucket_of(path)] = Allowance(limit, remaining, now + left)


def bucket_of(path: str) -> str:
    """The bucket that a request counts in: some have their own, the rest of the API shares one."""
    return next((bucket for bucket in _BUCKETS if path == bucket or path.startswith(f"{bucket}/")), path)


def seconds_to_reset(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds until the bucket is full again, one more to be sure; None where the headers do not say.

    `now` in epoch seconds, for an answer without a `Date`.
    """
    try:
        reset = float(headers["X-Rate-Limit-Reset"])
    except (KeyError, ValueError):
        return None
    if not math.isfinite(reset):
        return None
    date = date_of(headers.get("Date"))
    return max(reset - (now if date is None else date), 0) + 1


def rate_limit_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait after a 429; None where nothing useful is said."""
    return None if headers.get("X-Rate-Limit-Limit") == "0" else seconds_to_reset(headers, now)
