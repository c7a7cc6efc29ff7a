"""Identifiers that may be used once: of client assertions (RFC 7523 3) and DPoP proofs (RFC 9449 11.1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta


class Replays:
    """Remembers identifiers for as long as what carries them could be valid."""

    def __init__(self, lifetime: timedelta, clock: Callable[[], datetime]) -> None:
        self._lifetime = lifetime
        self._clock = clock
        self._seen: dict[tuple[str, str], datetime] = {}

    def first_use(self, issuer: str, identifier: str) -> bool:
        """Whether `issuer` shows this identifier for the first time; it counts as used from now on."""
        now = self._clock()
        self._seen = {known: until for known, until in self._seen.items() if until > now}
        key = (issuer, identifier)
        if key in self._seen:
            return False
        self._seen[key] = now + self._lifetime
        return True
