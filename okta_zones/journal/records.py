"""One line of the journal: what was done, to which target, in which run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Step(StrEnum):
    """What a record tells. Stable strings: they stand in the file."""

    PLANNED = "planned"
    INTENDED = "intended"
    """About to be written; before and after stand in the record."""
    WRITTEN = "written"
    """The far end has answered the write."""
    CONFIRMED = "confirmed"
    """Read back as written."""
    RECOVERED = "recovered"
    """A write that an earlier run did not see to its end was found to have been done."""
    NOT_DONE = "not-done"
    """An intended write that certainly did not happen."""
    UNCERTAIN = "uncertain"
    """An intended write whose end is not known, or that was not read back as written."""
    PROPAGATED = "propagated"
    VERIFIED = "verified"
    """Asked whom it would let in, the far end answered as the addresses say."""
    NOT_VERIFIED = "not-verified"
    OTHER_WRITER = "other-writer"
    """Somebody else wrote between our last read and our write, or after it."""
    REFUSED = "refused"
    RETIREMENT_ORDERED = "retirement-ordered"
    ROTATION_BEGUN = "rotation-begun"
    ROTATION = "rotation"
    """A rotation has come to a further stage."""
    ROTATED = "rotated"
    ROTATION_ABANDONED = "rotation-abandoned"
    ADOPTED = "adopted"


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it stands in the journal. `target` is a Place's key; None where the record is about the whole run."""

    number: int
    at: datetime
    run: str
    target: str | None
    step: Step
    detail: Mapping[str, Any]
