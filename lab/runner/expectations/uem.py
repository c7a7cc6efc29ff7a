"""What the UEM's own records say of a device, and of what it has told others."""

from __future__ import annotations

from collections.abc import Iterable

from lab.runner.expectations.finding import NOTHING, Expectation, Finding, includes, same, same_set
from lab.runner.stage import Evidence
from lab.runner.steps.named import DeviceName
from lab.uem.inventory import ComplianceStatus, EnrollmentStatus


class AtUem(Expectation):
    """The record of `device`, in the UEM's words; `profiles` are all that it has confirmed to have.

    `actions` are the ActionTypes of what compliance policies did to it and have not taken back, `queue` the commands
    that wait for it, `told` the types of the events that receivers took while the step was played.
    """

    device: DeviceName
    compliance: ComplianceStatus | None = None
    enrollment: EnrollmentStatus | None = None
    profiles: tuple[str, ...] | None = None
    actions: tuple[str, ...] | None = None
    queue: tuple[str, ...] | None = None
    told: tuple[str, ...] = ()

    def findings(self, evidence: Evidence) -> Iterable[Finding]:
        uem = evidence.operations.uem
        found = uem.device(self.device)
        if self.compliance is not None:
            yield same("compliance", self.compliance.value, found.compliance.value if found else NOTHING)
        if self.enrollment is not None:
            yield same("enrollment", self.enrollment.value, found.enrollment.value if found else NOTHING)
        if self.profiles is not None:
            yield same_set("profiles", self.profiles, uem.profiles(self.device))
        if self.actions is not None:
            yield same_set("actions", self.actions, [taken.word for taken in found.taken] if found else ())
        if self.queue is not None:
            yield same_set("queue", self.queue, [command.type.value for command in found.commands] if found else ())
        if self.told:
            yield includes("told", self.told, evidence.told)
