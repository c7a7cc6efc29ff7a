"""What every entry of a catalogue says about itself: where it comes from and how sure it is."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Final

from dtr_rules.source import Model

HERE: Final = Path(__file__).parent


class Sure(StrEnum):
    """How sure an entry is."""

    DOCUMENTED = "documented"
    """The provider or the vendor says so."""
    RECORDED = "recorded"
    """Seen in real traffic."""
    LISTED = "listed"
    """On the provider's list of hosts; its part in a sign-in is not documented."""
    INFERRED = "inferred"
    """Follows from documented things."""
    MEMORY = "memory"
    """Common knowledge of the field, not confirmed."""


class Entry(Model):
    """A line of a catalogue."""

    source: str
    sure: Sure = Sure.DOCUMENTED
