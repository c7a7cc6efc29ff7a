"""In which order `apply` would go about it."""

from __future__ import annotations

from collections.abc import Iterator

from okta_zones.config import OktaSettings, Settings
from okta_zones.controller import Outcome, Run
from okta_zones.plan import Action


def steps(run: Run, settings: Settings) -> Iterator[str]:
    """What would be done, a line each; nothing where nothing would be written."""
    writes = [
        result
        for result in run.results
        if result.plan and result.plan.action is not Action.NONE and result.outcome is Outcome.PLANNED
    ]
    if not writes or any(result.failure for result in run.results):
        return
    for result in writes:
        assert result.plan is not None
        verb = "create it" if result.plan.action is Action.CREATE else "read it once more, write it"
        yield f"{result.name}: {verb}, read it back"
    if settings.propagation:
        yield f"wait {settings.propagation:.0f} s until it counts everywhere"
    names = {result.name for result in writes}
    for target in settings.targets:
        if isinstance(target, OktaSettings) and target.name in names:
            asked = ", ask whom it would let in" if target.verification else ""
            yield f"{target.name}: look in the System Log who else wrote{asked}"
