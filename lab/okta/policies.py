"""App sign-in policies (ACCESS_POLICY): rules by priority, first match wins, the catch-all last.

Judged here: the network condition and included or excluded users. A rule that asks for anything else cannot
be judged by the lab; it never lets anybody in (an ALLOW rule does not match, a DENY rule does).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from lab.okta.identifiers import whole_seconds

_DURATION: Final = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")


class Verdict(StrEnum):
    """The outcomes of `policy.evaluate_sign_on`."""

    ALLOW = "ALLOW"
    CHALLENGE = "CHALLENGE"
    DENY = "DENY"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as the API shows it; `conditions` is None for the system catch-all."""

    id: str
    name: str
    priority: int
    system: bool
    created: datetime
    last_updated: datetime
    conditions: Mapping[str, Any] | None
    actions: Mapping[str, Any]
    status: str = "ACTIVE"

    @property
    def access(self) -> str:
        return str(self.actions["appSignOn"]["access"])

    @property
    def factor_mode(self) -> str:
        return str(self.actions["appSignOn"].get("verificationMethod", {}).get("factorMode", "1FA"))

    @property
    def reauthenticate_in(self) -> timedelta | None:
        """How old a sign-in may be that this rule accepts; None for any age."""
        method = self.actions["appSignOn"].get("verificationMethod", {})
        found = _DURATION.fullmatch(str(method.get("reauthenticateIn", "")))
        if found is None:
            return None
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)

    @property
    def zone_ids(self) -> frozenset[str]:
        """The zones that this rule names, included or excluded."""
        network = (self.conditions or {}).get("network") or {}
        return frozenset([*(network.get("include") or ()), *(network.get("exclude") or ())])

    def without_zone(self, zone_id: str) -> Rule:
        """This rule after a zone that it names beside others was deleted."""
        if zone_id not in self.zone_ids or self.conditions is None:
            return self
        network = {
            name: [entry for entry in value if entry != zone_id] if isinstance(value, list) else value
            for name, value in self.conditions["network"].items()
        }
        return replace(self, conditions={**self.conditions, "network": network})

    def to_json(self, org_url: str, policy_id: str) -> dict[str, Any]:
        url = f"{org_url}/api/v1/policies/{policy_id}/rules/{self.id}"
        allow = ["GET", "PUT"] if self.system else ["GET", "PUT", "DELETE"]
        links: dict[str, Any] = {"self": {"href": url, "hints": {"allow": allow}}}
        if not self.system:
            links["deactivate"] = {"href": f"{url}/lifecycle/deactivate", "hints": {"allow": ["POST"]}}
        return {
            "id": self.id,
            "status": self.status,
            "name": self.name,
            "priority": self.priority,
            "created": whole_seconds(self.created),
            "lastUpdated": whole_seconds(self.last_updated),
            "system": self.system,
            "conditions": self.conditions,
            "actions": self.actions,
            "_links": links,
            "type": "ACCESS_POLICY",
        }


@dataclass(slots=True)
class Policy:
    """An app sign-in policy and its rules."""

    id: str
    name: str
    description: str
    created: datetime
    last_updated: datetime
    rules: list[Rule] = field(default_factory=list)
    priority: int = 1
    system: bool = False

    def in_order(self) -> list[Rule]:
        """The rules as they are tried: lower numbers first, the system rule last."""
        return sorted(self.rules, key=lambda rule: (rule.system, rule.priority))

    def to_json(self, org_url: str) -> dict[str, Any]:
        url = f"{org_url}/api/v1/policies/{self.id}"
        return {
            "id": self.id,
            "status": "ACTIVE",
            "name": self.name,
            "description": self.description,
            "priority": self.priority,
            "system": self.system,
            "conditions": None,
            "created": whole_seconds(self.created),
            "lastUpdated": whole_seconds(self.last_updated),
            "_links": {
                "mappings": {"href": f"{url}/mappings", "hints": {"allow": ["GET", "POST"]}},
                "self": {"href": url, "hints": {"allow": ["GET", "PUT", "DELETE"]}},
                "rules": {"href": f"{url}/rules", "hints": {"allow": ["GET", "POST"]}},
                "deactivate": {"href": f"{url}/lifecycle/deactivate", "hints": {"allow": ["POST"]}},
            },
            "type": "ACCESS_POLICY",
        }


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a policy says of one access, and by which rule."""

    verdict: Verdict
    rule: Rule


def judge(rules: Sequence[Rule], *, user_id: str, zone_ids: frozenset[str], session_age: timedelta) -> Judgement:
    """Judge an access by the rules, in their order.

    `zone_ids` are the zones that the client is in. CHALLENGE means that the rule lets in, but wants more than
    this session has shown. Raises LookupError where no rule matches, which a policy with its catch-all never
    does.
    """
    for rule in rules:
        if rule.status == "ACTIVE" and _matches(rule, user_id, zone_ids):
            return Judgement(_verdict(rule, session_age), rule)
    raise LookupError("a policy without its catch-all rule")


def _verdict(rule: Rule, session_age: timedelta) -> Verdict:
    if rule.access != "ALLOW":
        return Verdict.DENY
    oldest = rule.reauthenticate_in
    if rule.factor_mode != "1FA" or (oldest is not None and session_age > oldest):
        return Verdict.CHALLENGE
    return Verdict.ALLOW


def _matches(rule: Rule, user_id: str, zone_ids: frozenset[str]) -> bool:
    conditions = rule.conditions or {}
    if not _user_matches(conditions.get("people") or {}, user_id):
        return False
    if not _network_matches(conditions.get("network") or {}, zone_ids):
        return False
    return rule.access != "ALLOW" or not _asks_for_more(conditions)


def _user_matches(people: Mapping[str, Any], user_id: str) -> bool:
    users = people.get("users") or {}
    if user_id in (users.get("exclude") or ()):
        return False
    return not users.get("include") or user_id in users["include"]


def _network_matches(network: Mapping[str, Any], zone_ids: frozenset[str]) -> bool:
    if network.get("connection", "ANYWHERE") == "ANYWHERE":
        return True
    if network.get("include"):
        return not zone_ids.isdisjoint(network["include"])
    return zone_ids.isdisjoint(network.get("exclude") or ())


def _asks_for_more(conditions: Mapping[str, Any]) -> bool:
    """Whether an ALLOW rule has a condition that the lab cannot judge."""
    groups = (conditions.get("people") or {}).get("groups") or {}
    user_types = conditions.get("userType") or {}
    judged = (
        not groups.get("include") and not groups.get("exclude"),
        not user_types.get("include") and not user_types.get("exclude"),
        (conditions.get("riskScore") or {}).get("level", "ANY") == "ANY",
        not any(conditions.get(name) for name in ("device", "platform", "elCondition")),
    )
    return not all(judged)
