"""`userType`: the lab's users have the default type only, and no condition on others is known to be met."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.okta.policy.conditions.outcome import Checked, Outcome
from lab.okta.policy.context import AccessContext


def check(types: Mapping[str, Any], _context: AccessContext) -> list[Checked]:
    return [Checked(f"userType.{side}", Outcome.UNDEFINED) for side in ("include", "exclude") if types.get(side)]
