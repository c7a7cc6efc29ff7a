"""What ends by itself and must be renewed in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Expiry:
    """`what` is a word of ours, `name` the operator's own name for it, as the configuration has it."""

    what: str
    name: str
    at: datetime
