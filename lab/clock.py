"""The time of the emulated services: this machine's, plus what was skipped. Nobody else sees it.

The gateway, the zone controller and the certificates live by real time: they are real.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from lab.authority import utc_now


class Clock:
    """Starts with real time. `now` is what the services are given."""

    def __init__(self, real: Callable[[], datetime] = utc_now) -> None:
        self._real = real
        self._skipped = timedelta(0)

    def now(self) -> datetime:
        """The services' time, in UTC."""
        return self._real() + self._skipped

    def advance(self, by: timedelta) -> None:
        """Skip some time. Raises ValueError for a step back: no log has ever seen one."""
        if by < timedelta(0):
            raise ValueError("time does not go back")
        self._skipped += by
