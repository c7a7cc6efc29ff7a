"""`identityProvider` of global session rules: the lab's people sign in at Okta itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.okta.policy.conditions.outcome import Checked, outcome
from lab.okta.policy.context import AccessContext


def check(provider: Mapping[str, Any], _context: AccessContext) -> list[Checked]:
    wanted = provider.get("provider", "ANY")
    return [] if wanted == "ANY" else [Checked("identityProvider.provider", outcome(met=wanted == "OKTA"))]
