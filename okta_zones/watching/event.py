"""What the controller has to say: one line each, for people, logs and programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What an event is about. Stable strings: alerts may rest on them."""

    STANDBY = "standby"
    """Another instance of the journal acts; this one waits."""
    ACTING = "acting"
    """From now on this instance acts."""
    WRITTEN = "written"
    REFUSED = "refused"
    FAILED = "failed"
    """A source or a far end could not be reached, or did not do what was asked."""
    SOURCE_SILENT = "source-silent"
    FROZEN = "frozen"
    """Something is to be removed and is not, for now."""
    DRIFT = "drift"
    """Somebody else changed a target."""
    LOST = "lost"
    """Somebody else removed entries of ours."""
    LEFT_TO_OWNER = "left-to-owner"
    """A target that another tool owns does not hold what it should."""
    EXPIRES = "expires"
    """A credential or certificate has ended, or ends soon."""
    BUSY = "busy"
    """Another verb is at work with the journal; this cycle waits for the next turn."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; `target` by its name in the file, None where it is about the whole."""

    kind: Kind
    words: str
    target: str | None = None


AGAIN_AFTER: Final = 3600.0
"""Seconds after which what has not changed is told again."""


class Teller:
    """Tells events, and the same one not again for an hour: it comes anew in every turn as long as it holds."""

    def __init__(self, tell: Callable[[Event], None], clock: Callable[[], float]) -> None:
        """`clock` gives monotonic seconds."""
        self._tell = tell
        self._clock = clock
        self._told: dict[Event, float] = {}

    def __call__(self, event: Event) -> None:
        now = self._clock()
        self._told = {each: at for each, at in self._told.items() if now - at < AGAIN_AFTER}
        if event in self._told:
            return
        self._told[event] = now
        self._tell(event)
