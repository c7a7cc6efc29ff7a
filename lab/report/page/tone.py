"""How things came out: one word for a picture's colour and mark, and one for what the app was left with."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from lab.device.outcome import Outcome
from lab.record import Entry

REFUSALS: Final = frozenset({"DENY", "FAILURE", "failure"})
CONSENTS: Final = frozenset({"ALLOW", "SUCCESS", "success"})
"""Results as Okta and Entra write them."""
_ENDS: Final = {
    Outcome.ALLOWED: "allowed",
    Outcome.DENIED: "denied",
    Outcome.NEVER_REACHED: "never reached the far end",
    Outcome.BROKEN: "broken off",
}


class Tone(StrEnum):
    """How something came out."""

    GOOD = "good"
    BAD = "bad"
    NEUTRAL = "neutral"

    @property
    def mark(self) -> str:
        """What says so where colours do not."""
        return _MARKS[self]


_MARKS: Final = {Tone.GOOD: "✓", Tone.BAD: "✗", Tone.NEUTRAL: "•"}


def tone_of_outcome(outcome: Outcome) -> Tone:
    """Of how a login ended."""
    return Tone.GOOD if outcome is Outcome.ALLOWED else Tone.BAD


def tone_of_entries(entries: Iterable[Entry]) -> Tone:
    """Of what a provider wrote down: one refusal is enough."""
    results = {entry.result for entry in entries}
    if results & REFUSALS:
        return Tone.BAD
    return Tone.GOOD if results <= CONSENTS else Tone.NEUTRAL


def end_words(outcome: Outcome) -> str:
    """How a login ended."""
    return _ENDS[outcome]
