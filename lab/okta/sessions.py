"""People's sessions with the org: they end by time, never by a change of address."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

COOKIE: Final = "idx"
IDLE: Final = timedelta(minutes=120)


@dataclass(frozen=True, slots=True)
class Session:
    """Made by a password check. `lifetime` None is for ever, as long as the session is used."""

    id: str
    user_id: str
    login: str
    started: datetime
    idle: timedelta = IDLE
    lifetime: timedelta | None = None
    factors: frozenset[str] = frozenset({"knowledge"})
    """What the person has shown: knowledge, possession."""
    device_id: str | None = None
    """The device whose Okta Verify took part."""


class Sessions:
    """Sessions by the ticket in their cookie."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._sessions: dict[str, tuple[datetime, Session]] = {}
        self._addresses: dict[str, str] = {}

    def issue(self, session: Session) -> str:
        """A new ticket for `session`."""
        ticket = secrets.token_urlsafe(32)
        self._sessions[ticket] = (self._clock(), session)
        return ticket

    def use(self, ticket: str) -> Session | None:
        """The session of a ticket, used now; None once it was idle too long, is too old, or never was."""
        used, session = self._sessions.get(ticket, (None, None))
        if used is None or session is None:
            return None
        now = self._clock()
        if now - used >= session.idle or (session.lifetime is not None and now - session.started >= session.lifetime):
            del self._sessions[ticket]
            return None
        self._sessions[ticket] = (now, session)
        return session

    def has_moved(self, session: Session, address: str) -> bool:
        """Whether a session is used from another address than the last time; it is good there all the same."""
        before = self._addresses.get(session.id, address)
        self._addresses[session.id] = address
        return before != address

    def drop(self, unwanted: Callable[[Session], bool]) -> None:
        """End all sessions that are `unwanted`."""
        self._sessions = {ticket: held for ticket, held in self._sessions.items() if not unwanted(held[1])}


def session_times(settings: Mapping[str, Any]) -> tuple[timedelta, timedelta | None]:
    """Idle time and lifetime that a global session rule gives; a lifetime of 0 minutes is none."""
    idle = timedelta(minutes=int(settings.get("maxSessionIdleMinutes", 120)))
    lifetime = int(settings.get("maxSessionLifetimeMinutes", 0))
    return idle, timedelta(minutes=lifetime) if lifetime else None
