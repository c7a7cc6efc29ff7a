"""How far this machine's clock is off."""

from __future__ import annotations

from typing import Final

from okta_zones.doctor.check import Check, Level, Topic

TOLERABLE: Final = 60  # seconds


def clock_check(offset: float, service: str) -> Check:
    """`offset`: seconds that the far end's clock is ahead of ours."""
    if abs(offset) <= TOLERABLE:
        return Check(Topic.CLOCK, Level.OK, f"this machine's clock and {service}'s agree")
    words = f"this machine's clock is {abs(offset):.0f} s {'behind' if offset > 0 else 'ahead of'} {service}'s"
    return Check(Topic.CLOCK, Level.NOTE, words, "set the clock; signatures are made by the far end's all the same")
