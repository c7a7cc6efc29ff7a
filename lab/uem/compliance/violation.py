"""A policy that a device breaks: since when, how far the steps have got, what was done."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from lab.uem.compliance.actions import Action
from lab.uem.compliance.policy import CompliancePolicy, Step


@dataclass(frozen=True, slots=True)
class Taken:
    """An action that was taken. `word` is the API's ActionType, `profile_id` the profile that it was about, if any."""

    action: Action
    word: str
    at: datetime
    profile_id: int | None = None


@dataclass(slots=True)
class Violation:
    """Mutable: the engine is the only writer. `due` is when the next step is due, if there is one."""

    policy: CompliancePolicy
    since: datetime
    due: datetime
    steps_done: int = 0
    marked: bool = False
    taken: list[Taken] = field(default_factory=list)

    @property
    def next_step(self) -> Step | None:
        """The step that comes next; None when all are done."""
        return self.policy.steps[self.steps_done] if self.steps_done < len(self.policy.steps) else None

    def snapshot(self) -> Violation:
        """The violation as it is now, for good."""
        return replace(self, taken=list(self.taken))
