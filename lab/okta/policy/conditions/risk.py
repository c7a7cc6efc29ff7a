"""`riskScore` and `risk`: levels and behaviours. The lab assesses no risk itself; a simulation can name one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.okta.policy.conditions.outcome import Checked, Outcome, outcome
from lab.okta.policy.context import AccessContext


def check_score(score: Mapping[str, Any], context: AccessContext) -> list[Checked]:
    level = score.get("level", "ANY")
    if level == "ANY":
        return []
    status = Outcome.UNDEFINED if context.risk is None else outcome(met=context.risk == level)
    return [Checked("riskScore.level", status)]


def check_behaviors(risk: Mapping[str, Any], _context: AccessContext) -> list[Checked]:
    return [Checked("risk.behaviors", Outcome.UNDEFINED)] if risk.get("behaviors") else []
