"""What a section of `check` found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """`problem` is what the gateway, or the device, would be stopped by; `notice` is what it would not be yet.

    `skipped` was not looked at; `not-done` could not be.
    """

    OK = "ok"
    NOTICE = "notice"
    PROBLEM = "problem"
    SKIPPED = "skipped"
    NOT_DONE = "not-done"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `reason` is what a device would be refused with."""

    level: Level
    subject: str
    words: str
    reason: str | None = None
