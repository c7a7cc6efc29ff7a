"""Simulations: which policy and rule an access would meet, and what became of those before it.

Okta API, "Create a policy simulation": `result` holds what matched, `evaluated` what did not, and `undefined` what
could not be told from what the simulation was given.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lab.okta.policy.conditions import Checked, Outcome, check_all, together
from lab.okta.policy.context import AccessContext
from lab.okta.policy.policy import Policy
from lab.okta.policy.rule import Rule


@dataclass(slots=True)
class _Found:
    """A policy with those of its rules that had one outcome."""

    policy: Policy
    status: Outcome
    conditions: list[Checked]
    rules: list[tuple[Rule, Outcome, list[Checked]]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {
            **_entry(self.policy.id, self.policy.name, self.status, self.conditions),
            "rules": [_entry(rule.id, rule.name, status, checked) for rule, status, checked in self.rules],
        }


def simulate(kind: str, policies: Iterable[Policy], context: AccessContext) -> dict[str, Any]:
    """One entry of `evaluation`: the first policy of `policies`, and its first rule, that match."""
    by_outcome: dict[Outcome, list[_Found]] = {outcome: [] for outcome in Outcome}
    for policy in policies:
        own = check_all(policy.conditions, context)
        status = together(own)
        if status is not Outcome.MATCH:
            by_outcome[status].append(_Found(policy, status, own))
        elif _try_rules(policy, own, context, by_outcome):
            break
    return {
        "status": None,
        "policyType": kind,
        "result": {"policies": [found.to_json() for found in by_outcome[Outcome.MATCH]]},
        "undefined": {"policies": [found.to_json() for found in by_outcome[Outcome.UNDEFINED]]},
        "evaluated": {"policies": [found.to_json() for found in by_outcome[Outcome.NOT_MATCH]]},
    }


def _try_rules(
    policy: Policy, own: list[Checked], context: AccessContext, by_outcome: dict[Outcome, list[_Found]]
) -> bool:
    """Whether a rule matched; each rule that was looked at is filed under its outcome."""
    for rule in policy.in_order():
        if rule.status != "ACTIVE":
            continue
        checked = check_all(rule.conditions, context)
        status = together(checked)
        found = next((each for each in by_outcome[status] if each.policy is policy), None)
        if found is None:
            found = _Found(policy, Outcome.MATCH, own)
            by_outcome[status].append(found)
        found.rules.append((rule, status, checked))
        if status is Outcome.MATCH:
            return True
    return False


def _entry(identifier: str, name: str, status: Outcome, checked: list[Checked]) -> dict[str, Any]:
    return {
        "id": identifier,
        "name": name,
        "status": status,
        "conditions": [each.to_json() for each in checked],
    }
