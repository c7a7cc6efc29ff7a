"""What lint finds: values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dtr_rules.lint.silence import Silence
from dtr_rules.mistakes import Place
from dtr_rules.model import Decision, Flow
from dtr_rules.source import KeyPath


class Severity(StrEnum):
    """How bad a finding is. Errors and warnings make `dtr lint` exit with 1."""

    ERROR = "error"
    """People cannot sign in, or the wrong ones can."""
    WARNING = "warning"
    """Probably not what was meant."""
    NOTE = "note"
    """Worth knowing; nothing has to be done."""


@dataclass(frozen=True, slots=True)
class Example:
    """A flow, and what the rule set decides for it."""

    flow: Flow
    decision: Decision


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of a check. `path` is its place in the file; `rule_index` the rule it is about, from 0."""

    severity: Severity
    message: str
    fix: str
    path: KeyPath = ()
    rule_index: int | None = None
    about: str | None = None
    """The destination, host or app that it is about; with the rule's name, what a silence may name."""
    examples: tuple[Example, ...] = ()
    """The example flow first, then others that show the same."""

    @property
    def example(self) -> Example | None:
        """The example flow; only findings about silences have none."""
        return self.examples[0] if self.examples else None


@dataclass(frozen=True, slots=True)
class Undecided:
    """A question that was too large to decide; no finding, and no clean bill either."""

    what: str
    rule_index: int | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """A finding with the check that found it, its place, and the silence that covers it, if one does."""

    id: str
    name: str
    finding: Finding
    place: Place
    rule: str | None
    silence: Silence | None = None

    @property
    def severity(self) -> Severity:
        """The finding's severity."""
        return self.finding.severity

    @property
    def anchor(self) -> str:
        """Where the docs speak of it."""
        return f"docs/lint.md#{self.id.lower()}"
