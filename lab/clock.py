"""The time of the emulated services: this machine's, plus what was skipped. Nobody else sees it.

The gateway, the zone controller and the certificates live by real time: they are real.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from lab.authority import utc_now

FURTHEST: Final = timedelta(days=36_500)
"""How far the services' time may be from real time; further on the calendar ends."""


class Clock:
    """Starts with real time. `now` is what the services are given."""

    def __init__(self, real: Callable[[], datetime] = utc_now) -> None:
        self._real = real
        self._skipped = timedelta(0)

    def now(self) -> datetime:
        """The services' time, in UTC."""
        return self._real() + self._skipped

    def advance(self, by: timedelta) -> None:
        """Skip some time. Raises ValueError for a step back, which no log has ever seen, and for more than FURTHEST."""
        if by < timedelta(0):
            raise ValueError("time does not go back")
        if by > FURTHEST - self._skipped:
            raise ValueError(f"the services' clock is put forward by {FURTHEST.days} days at most")
        self._skipped += by
