"""One thing that was looked at, and what it came to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from okta_zones.unreadable import Unreadable, Why


class Level(StrEnum):
    """How much it matters."""

    OK = "ok"
    NOTE = "note"
    """Worth knowing; nothing fails for it."""
    PROBLEM = "problem"
    """Some verb fails for it, or people may be locked out."""


class Topic(StrEnum):
    """What was looked at. Stable strings: programs may rest on them."""

    ORGANIZATION = "organization"
    CREDENTIAL = "credential"
    PROOF_OF_POSSESSION = "dpop"
    CLOCK = "clock"
    TARGET = "target"
    NETWORK_RESTRICTION = "network-restriction"
    POLICIES = "policies"
    SIMULATE = "simulate"
    SIGN_INS = "sign-ins"
    RATE_LIMIT = "rate-limit"
    EXPIRY = "expiry"
    SURPLUS = "surplus"


@dataclass(frozen=True, slots=True)
class Check:
    """A finding; `fix` says what to do about it."""

    topic: Topic
    level: Level
    text: str
    fix: str | None = None


def not_looked_at(topic: Topic, unreadable: Unreadable) -> Check:
    """A note that something could not be looked at, and what would allow it."""
    fix = {
        Why.NOT_PERMITTED: f"grant {unreadable.grant}" if unreadable.grant else None,
        Why.NOT_CONFIGURED: unreadable.detail or None,
        Why.NOT_AVAILABLE: None,
    }[unreadable.why]
    return Check(topic, Level.NOTE, f"{unreadable.what}: not checked, {unreadable.why.value.replace('-', ' ')}", fix)
