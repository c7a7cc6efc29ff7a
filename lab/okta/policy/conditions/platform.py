"""`platform`: kinds of devices and their operating systems."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from lab.okta.policy.conditions.outcome import Checked, Outcome, outcome
from lab.okta.policy.context import AccessContext, Platform


def check(platform: Mapping[str, Any], context: AccessContext) -> list[Checked]:
    checked: list[Checked] = []
    for side in ("include", "exclude"):
        entries = platform.get(side) or ()
        if not entries:
            continue
        status = Outcome.UNDEFINED
        if context.platform is not None:
            status = outcome(met=_among(context.platform, entries) is (side == "include"))
        checked.append(Checked(f"platform.{side}", status))
    return checked


def _among(found: Platform, entries: Collection[Mapping[str, Any]]) -> bool:
    return any(
        entry.get("type", "ANY") in ("ANY", found.type)
        and (entry.get("os") or {}).get("type", "ANY") in ("ANY", found.os)
        for entry in entries
    )
