"""The wait until a proved write counts on every server of the far end (Okta's help: about 60 seconds)."""

from __future__ import annotations

from collections.abc import Callable

from okta_zones.apply import Pace


def wait(seconds: float, pace: Pace, tell: Callable[[str], None]) -> None:
    """Wait so long, and say every second how long it still takes."""
    end = pace.clock() + seconds
    while (left := end - pace.clock()) > 0:
        tell(f"waiting until it counts everywhere: {left:.0f} s of {seconds:.0f} s left")
        pace.sleep(min(left, 1.0))
