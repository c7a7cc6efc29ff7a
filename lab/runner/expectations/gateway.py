"""What the gateway's decision log says."""

from __future__ import annotations

from collections.abc import Iterable

from lab.evidence import Admission, gateway_view
from lab.runner.expectations.finding import Expectation, Finding, same, same_set
from lab.runner.stage import Evidence


class AtGateway(Expectation):
    """`did` is what it did with the step's connections; the other keys name all that there were."""

    did: Admission | None = None
    reason: str | tuple[str, ...] | None = None
    rule: str | tuple[str, ...] | None = None
    hosts: tuple[str, ...] | None = None
    left_from: str | tuple[str, ...] | None = None

    def findings(self, evidence: Evidence) -> Iterable[Finding]:
        view = gateway_view(evidence.decisions)
        if self.did is not None:
            yield same("did", self.did.value, view.admission.value)
        if self.reason is not None:
            yield same_set("reason", _all(self.reason), view.reasons)
        if self.rule is not None:
            yield same_set("rule", _all(self.rule), view.rules)
        if self.hosts is not None:
            yield same_set("hosts", self.hosts, [each.host for each in evidence.decisions if each.host])
        if self.left_from is not None:
            yield same_set(
                "left-from", _all(self.left_from), [each.egress for each in evidence.decisions if each.egress]
            )


def _all(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value
