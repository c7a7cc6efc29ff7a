"""A person's session with the org."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

COOKIE: Final = "idx"


@dataclass(frozen=True, slots=True)
class Session:
    """Made by a password check; outlives a change of address, as the service's own do."""

    id: str
    user_id: str
    login: str
    started: datetime
    device_id: str | None = None
    """The device whose Okta Verify took part."""
    factors: frozenset[str] = frozenset({"knowledge"})
