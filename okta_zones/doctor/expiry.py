"""When a certificate, a secret or a token ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from okta_zones.doctor.check import Check, Level, Topic

SOON: Final = timedelta(days=45)


def expiry_check(what: str, ends: datetime, now: datetime, fix: str) -> Check:
    """A problem when it has ended, a note when it ends within 45 days."""
    day = f"{ends:%Y-%m-%d}"
    if ends <= now:
        return Check(Topic.EXPIRY, Level.PROBLEM, f"{what} ended on {day}", fix)
    if ends - now <= SOON:
        return Check(Topic.EXPIRY, Level.NOTE, f"{what} ends on {day}, in {(ends - now).days} days", fix)
    return Check(Topic.EXPIRY, Level.OK, f"{what} is good until {day}")
