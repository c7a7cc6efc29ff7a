"""`network`: inside or outside zones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.okta.network_restriction import EVERY_ZONE
from lab.okta.policy.conditions.outcome import Checked, Outcome, outcome
from lab.okta.policy.context import AccessContext


def check(network: Mapping[str, Any], context: AccessContext) -> list[Checked]:
    if network.get("connection", "ANYWHERE") == "ANYWHERE":
        return []
    include, exclude = network.get("include") or (), network.get("exclude") or ()
    name = "network.include" if include else "network.exclude"
    if context.zone_ids is None:
        return [Checked(name, Outcome.UNDEFINED)]
    named = include or exclude
    inside = bool(context.zone_ids) if not EVERY_ZONE.isdisjoint(named) else not context.zone_ids.isdisjoint(named)
    return [Checked(name, outcome(met=inside is bool(include)))]
