"""`device`: registered with Okta Verify, managed, and meeting a device assurance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.okta.policy.conditions.outcome import Checked, Outcome, outcome
from lab.okta.policy.context import AccessContext


def check(device: Mapping[str, Any], context: AccessContext) -> list[Checked]:
    """`managed` counts only where `registered` is asked for, too, which the API insists on."""
    assurances = (device.get("assurance") or {}).get("include") or ()
    asked = {"device.registered": device.get("registered"), "device.managed": device.get("managed")}
    names = [name for name, value in asked.items() if value is not None]
    if context.device is None:
        return [Checked(name, Outcome.UNDEFINED) for name in (*names, *(["device.assurance"] if assurances else []))]
    found = {"device.registered": context.device.registered, "device.managed": context.device.managed}
    checked = [Checked(name, outcome(met=found[name] is bool(asked[name]))) for name in names]
    if assurances:
        met = not context.device.assurances.isdisjoint(assurances)
        checked.append(Checked("device.assurance", outcome(met=met)))
    return checked
