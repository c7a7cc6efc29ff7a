"""The conditions of policies and rules, one file for each.

Each module has `check(value, context)` for one key of `conditions`: the constraints that it finds there, by the
names that simulations use. A key that no module knows, or that asks for what is not known, is UNDEFINED.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from lab.okta.policy.conditions import (
    auth_context,
    device,
    identity_provider,
    network,
    people,
    platform,
    risk,
    user_type,
)
from lab.okta.policy.conditions.outcome import Checked, Outcome, together
from lab.okta.policy.context import AccessContext

__all__ = ["Checked", "Outcome", "check_all", "together"]

Check = Callable[[Any, AccessContext], list[Checked]]

_CHECKS: Final[Mapping[str, Check]] = {
    "people": people.check,
    "network": network.check,
    "device": device.check,
    "platform": platform.check,
    "riskScore": risk.check_score,
    "risk": risk.check_behaviors,
    "userType": user_type.check,
    "authContext": auth_context.check,
    "identityProvider": identity_provider.check,
}


def check_all(conditions: Mapping[str, Any] | None, context: AccessContext) -> list[Checked]:
    """Every constraint in `conditions`, judged; what constrains nothing is left out."""
    found: list[Checked] = []
    for name, value in (conditions or {}).items():
        if not value:
            continue
        check = _CHECKS.get(name)
        found += check(value, context) if check is not None else [Checked(name, Outcome.UNDEFINED)]
    return found
