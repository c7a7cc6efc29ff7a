"""Since when a user's sign-ins count: everything older is revoked (Graph, "user: revokeSignInSessions")."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta


class Revocations:
    """The last revocation of each user; it takes effect after a delay, for what was there when it was ordered."""

    def __init__(self, clock: Callable[[], datetime], delay: timedelta) -> None:
        self._clock = clock
        self._delay = delay
        self._ordered: dict[str, list[datetime]] = {}

    def revoke(self, user_id: str) -> None:
        self._ordered.setdefault(user_id, []).append(self._clock())

    def revoked(self, user_id: str, authenticated: datetime) -> bool:
        """Whether a sign-in of this moment is no longer good."""
        effective = self._clock() - self._delay
        return any(authenticated <= ordered <= effective for ordered in self._ordered.get(user_id, ()))
