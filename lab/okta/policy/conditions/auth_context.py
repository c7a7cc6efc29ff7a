"""`authContext` of global session rules: the lab's sign-ins never come by RADIUS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.okta.policy.conditions.outcome import Checked, Outcome
from lab.okta.policy.context import AccessContext


def check(context: Mapping[str, Any], _context: AccessContext) -> list[Checked]:
    if context.get("authType", "ANY") == "ANY":
        return []
    return [Checked("authContext.authType", Outcome.NOT_MATCH)]
