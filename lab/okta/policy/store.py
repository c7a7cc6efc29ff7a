"""The policies of an org, by type and priority."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from lab.okta.errors import access_denied, not_found, validation_failed
from lab.okta.identifiers import new_id
from lab.okta.policy.policy import ACCESS_POLICY, ID_PREFIXES, RULE_ID_PREFIXES, RULE_TYPES, TYPES, Policy
from lab.okta.policy.rule import CATCH_ALL, Rule
from lab.okta.policy.rules import priorities_reconciling

BORN_WITH: Final[Mapping[str, Any]] = {
    "appSignOn": {
        "access": "ALLOW",
        "verificationMethod": {
            "factorMode": "2FA",
            "type": "ASSURANCE",
            "reauthenticateIn": "PT12H",
            "constraints": [{"possession": {"required": True, "deviceBound": "REQUIRED"}}],
        },
        "keepMeSignedIn": {"postAuth": "NOT_ALLOWED"},
    }
}
"""What the catch-all of a new app sign-in policy does: it lets in, with two factors (recorded traffic)."""


class Policies:
    """Policies by id, oldest first."""

    def __init__(self, clock: Callable[[], datetime], reconciliation: timedelta) -> None:
        self._clock = clock
        self._reconciliation = reconciliation
        self._policies: dict[str, Policy] = {}
        self._moving: dict[str, datetime] = {}

    def install(self, policy: Policy) -> None:
        """Put a policy in place that has long been there."""
        self._policies[policy.id] = policy

    def all(self) -> list[Policy]:
        return list(self._policies.values())

    def of_type(self, kind: str) -> list[Policy]:
        """Those of one type, in their order."""
        found = [policy for policy in self._policies.values() if policy.type == kind]
        return sorted(found, key=lambda policy: (policy.system, policy.priority))

    def get(self, policy_id: str) -> Policy:
        """Raises OktaError (404)."""
        if policy_id not in self._policies:
            raise not_found(policy_id, "Policy")
        return self._policies[policy_id]

    def create(self, body: Mapping[str, Any], *, active: bool) -> Policy:
        """Raises OktaError (400)."""
        kind = body.get("type")
        if kind not in TYPES:
            raise validation_failed("type", f"The field must be one of {', '.join(TYPES)}")
        now = self._clock()
        policy = Policy(
            id=new_id(ID_PREFIXES[kind]),
            type=kind,
            name=self._name(body, kind, besides=None),
            description=body.get("description"),
            created=now,
            last_updated=now,
            priority=1 if kind == ACCESS_POLICY else len([each for each in self.of_type(kind) if not each.system]) + 1,
            status="ACTIVE" if active else "INACTIVE",
            conditions=None if kind == ACCESS_POLICY else body.get("conditions"),
        )
        if kind == ACCESS_POLICY:
            policy.rules.append(catch_all(kind, BORN_WITH, now))
        self._policies[policy.id] = policy
        return policy

    def replace(self, policy_id: str, body: Mapping[str, Any]) -> Policy:
        """Raises OktaError (400, 404)."""
        policy = self.get(policy_id)
        if body.get("type", policy.type) != policy.type:
            raise validation_failed("type", "The type of a policy cannot be changed")
        policy.name = self._name(body, policy.type, besides=policy_id)
        policy.description = body.get("description")
        if policy.type != ACCESS_POLICY and not policy.system:
            policy.conditions = body.get("conditions")
        if isinstance(body.get("priority"), int) and policy.type != ACCESS_POLICY and not policy.system:
            policy.priority = body["priority"]
        policy.last_updated = self._clock()
        return policy

    def delete(self, policy_id: str) -> Policy:
        """Raises OktaError (403 for a system policy, 404)."""
        policy = self.get(policy_id)
        if policy.system:
            raise access_denied()
        return self._policies.pop(policy_id)

    def set_status(self, policy_id: str, status: str) -> Policy:
        """Raises OktaError (403 for a system policy, 404)."""
        policy = self.get(policy_id)
        if policy.system:
            raise access_denied()
        policy.status, policy.last_updated = status, self._clock()
        return policy

    def begin_write(self, policy: Policy) -> None:
        """To be called before each write to a policy's rules. Raises OktaError (423) while their order settles."""
        now = self._clock()
        if now < self._moving.get(policy.id, now):
            raise priorities_reconciling()
        self._moving[policy.id] = now + self._reconciliation

    def _name(self, body: Mapping[str, Any], kind: str, besides: str | None) -> str:
        name = body.get("name")
        if not isinstance(name, str) or not name:
            raise validation_failed("name", "The field cannot be left blank")
        if any(policy.name == name and policy.id != besides for policy in self.of_type(kind)):
            raise validation_failed("name", "A policy with this name exists already")
        return name


def catch_all(kind: str, actions: Mapping[str, Any], now: datetime, name: str = CATCH_ALL) -> Rule:
    """The system rule at the end of a policy."""
    return Rule(
        id=new_id(RULE_ID_PREFIXES[kind]),
        name=name,
        priority=99 if kind == ACCESS_POLICY else 1,
        system=True,
        created=now,
        last_updated=now,
        conditions=None if kind == ACCESS_POLICY else {"people": {"users": {"exclude": []}}},
        actions=actions,
        type=RULE_TYPES[kind],
    )
