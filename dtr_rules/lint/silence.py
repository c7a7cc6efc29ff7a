"""Silences: findings that somebody answers for, until a day.

silence:
  - finding: DTR301
    rule: identity-providers          # optional: findings of this rule only
    about: "*acme.okta.com"           # optional: findings about this destination or host only
    reason: the UEM console refuses the exact host (ticket 4711)
    owner: anna@acme.example
    until: 2027-03-31                 # the last day
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from dtr_rules.formats.fields import Title, from_text
from dtr_rules.source import Model


@dataclass(frozen=True, slots=True)
class Silence:
    """One silence. `index` is its place in the file's list, from 0."""

    index: int
    finding: str
    reason: str
    owner: str
    until: dt.date
    rule: str | None = None
    about: str | None = None

    def expired(self, today: dt.date) -> bool:
        """Whether its last day has passed."""
        return today > self.until

    def covers(self, finding: str, rule: str | None, about: str | None) -> bool:
        """Whether it speaks of a finding, its end left aside."""
        return self.finding == finding and self.rule in (None, rule) and self.about in (None, about)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError("is not a day; write year, month and day: 2027-03-31") from None


def _finding_id(text: str) -> str:
    if not re.fullmatch(r"DTR[0-9]{3}", text):
        raise ValueError("is no finding's id, such as DTR301")
    return text


class SilenceEntry(Model):
    """A silence as the file writes it."""

    finding: Annotated[str, from_text(_finding_id)]
    rule: Title | None = None
    about: Annotated[str, Field(min_length=1, max_length=300)] | None = None
    reason: Annotated[str, Field(min_length=1, max_length=1000)]
    owner: Title
    until: Annotated[dt.date, from_text(_day)]


def silences(entries: tuple[SilenceEntry, ...]) -> tuple[Silence, ...]:
    """The silences of a file."""
    return tuple(
        Silence(index, each.finding, each.reason, each.owner, each.until, each.rule, each.about)
        for index, each in enumerate(entries)
    )
