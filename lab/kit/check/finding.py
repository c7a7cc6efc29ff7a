"""What the check of a file finds: values."""

from __future__ import annotations

from dataclasses import dataclass

from dtr_rules.lint.finding import Severity
from dtr_rules.mistakes import Place


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `source`: who says that it is one; empty where the sentence itself says enough."""

    place: Place
    severity: Severity
    message: str
    fix: str
    source: str = ""

    @property
    def counts(self) -> bool:
        """Whether it makes the check fail."""
        return self.severity is not Severity.NOTE
