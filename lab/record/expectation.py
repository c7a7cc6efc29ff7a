"""An expectation at one observer, and what came out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Observer(StrEnum):
    """Whose own record an expectation is about."""

    DEVICE = "device"
    GATEWAY = "gateway"
    OKTA = "okta"
    ENTRA = "entra"
    UEM = "uem"
    ZONE = "zone"
    """What stands in Okta's network zone."""
    LOCATION = "location"
    """What stands in Entra's named location."""
    COMMAND = "command"
    """A program that the step ran: how it ended, what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What an observer should have recorded, and what it did. `place` is where the file says so (file:line:column)."""

    step: int
    observer: Observer
    what: str
    expected: str
    was: str
    met: bool
    place: str

    def __str__(self) -> str:
        return f"{self.place}: {self.observer}: {self.what}: expected {self.expected}, was {self.was}"
