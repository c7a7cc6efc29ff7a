"""How it stands with posture, for operators."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PostureStatus:
    """What an operator sees: `state` is fresh, stale or unavailable. Times are UTC text, ages seconds.

    `alert` says that the age has passed half of what is allowed; `unkept` why the state file cannot be written, if so.
    """

    state: str
    revision: int
    devices: int
    sync_started_at: str | None
    synced_at: str | None
    error: str | None
    age: float | None = None
    alert: bool = False
    alarms: int = 0
    events: int = 0
    to_read_again: int = 0
    maintenance_until: str | None = None
    maintenance_reason: str | None = None
    unkept: str | None = None
