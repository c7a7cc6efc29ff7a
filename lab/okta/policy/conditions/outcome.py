"""What became of a condition (Okta API, SimulateResultStatus)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """UNDEFINED: it depends on something that is not known."""

    MATCH = "MATCH"
    NOT_MATCH = "NOT_MATCH"
    UNDEFINED = "UNDEFINED"


@dataclass(frozen=True, slots=True)
class Checked:
    """One constraint, such as `people.groups.include`, and its outcome."""

    type: str
    status: Outcome

    def to_json(self) -> dict[str, Any]:
        return {"type": self.type, "status": self.status}


def outcome(*, met: bool) -> Outcome:
    """MATCH or NOT_MATCH."""
    return Outcome.MATCH if met else Outcome.NOT_MATCH


def together(checked: Iterable[Checked]) -> Outcome:
    """All must match; one that certainly does not outweighs those that are undefined."""
    found = {each.status for each in checked}
    if Outcome.NOT_MATCH in found:
        return Outcome.NOT_MATCH
    return Outcome.UNDEFINED if Outcome.UNDEFINED in found else Outcome.MATCH
