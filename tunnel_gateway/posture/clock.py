"""Time for ages: a clock that nobody can set and that counts while the machine sleeps, and moments that outlive it.

Ages inside one process are differences of running seconds. Across a restart the same clock serves where the machine
was not started anew since; only after that the wall clock has to, and a moment that it puts into the future is of no
age that could be trusted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Moment:
    """`wall`: seconds since the epoch; `running`: seconds since the machine's start; `boot`: which start that was."""

    wall: float
    running: float
    boot: str


def _running() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _boot() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


@dataclass(frozen=True, slots=True)
class Clock:
    """The clocks of this machine; a test puts its own in."""

    running: Callable[[], float] = _running
    wall: Callable[[], float] = time.time
    boot: Callable[[], str] = _boot

    def moment(self, running: float) -> Moment:
        """The moment of a running time of this process, so that it can be kept."""
        return Moment(self.wall() - (self.running() - running), running, self.boot())

    def since(self, moment: Moment) -> float:
        """Seconds since a kept moment; infinite where that cannot be told."""
        if moment.boot and moment.boot == self.boot():
            passed = self.running() - moment.running
        else:
            passed = self.wall() - moment.wall
        return passed if passed >= 0 else float("inf")

    def text(self, running: float) -> str:
        """The moment of a running time as UTC text for people."""
        moment = datetime.fromtimestamp(self.moment(running).wall, UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def in_words(seconds: float) -> str:
    """A length of time for people, in the file's own words."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds:.0f}s"
