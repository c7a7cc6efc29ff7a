"""Unguessable strings that stand for a value for a while: codes, sessions, refresh and access tokens."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")


class Tickets(Generic[T]):
    """Strings given out for values of one kind, all with the same lifetime."""

    def __init__(self, lifetime: timedelta, clock: Callable[[], datetime], prefix: str = "") -> None:
        self._lifetime = lifetime
        self._clock = clock
        self._prefix = prefix
        self._values: dict[str, tuple[datetime, T]] = {}

    def issue(self, value: T) -> str:
        """A new string for `value`."""
        now = self._clock()
        self._values = {ticket: held for ticket, held in self._values.items() if held[0] > now}
        ticket = self._prefix + secrets.token_urlsafe(32)
        self._values[ticket] = (now + self._lifetime, value)
        return ticket

    def read(self, ticket: str) -> T | None:
        """What `ticket` stands for; None once it has expired, was taken, or never was."""
        held = self._values.get(ticket)
        return held[1] if held is not None and held[0] > self._clock() else None

    def take(self, ticket: str) -> T | None:
        """As `read`, and the ticket is spent."""
        value = self.read(ticket)
        self._values.pop(ticket, None)
        return value

    def drop(self, unwanted: Callable[[T], bool]) -> None:
        """Make all tickets invalid whose value is `unwanted`."""
        self._values = {ticket: held for ticket, held in self._values.items() if not unwanted(held[1])}
