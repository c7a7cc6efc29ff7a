"""A policy and its rules, and the JSON that the API shows of it (recorded traffic)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from lab.okta.identifiers import whole_seconds
from lab.okta.policy.rule import Rule

ACCESS_POLICY: Final = "ACCESS_POLICY"
OKTA_SIGN_ON: Final = "OKTA_SIGN_ON"
APP: Final = "APP"
ACCOUNT_MANAGEMENT: Final = "END_USER_ACCOUNT_MANAGEMENT"
TYPES: Final = (ACCESS_POLICY, OKTA_SIGN_ON)
ID_PREFIXES: Final = {ACCESS_POLICY: "rst", OKTA_SIGN_ON: "00p"}
RULE_TYPES: Final = {ACCESS_POLICY: "ACCESS_POLICY", OKTA_SIGN_ON: "SIGN_ON"}
RULE_ID_PREFIXES: Final = {ACCESS_POLICY: "rul", OKTA_SIGN_ON: "0pr"}


@dataclass(slots=True)
class Policy:
    """An app sign-in policy (ACCESS_POLICY) or a global session policy (OKTA_SIGN_ON).

    `resource_type` is what an ACCESS_POLICY controls: `APP`, or `END_USER_ACCOUNT_MANAGEMENT`.
    """

    id: str
    type: str
    name: str
    description: str | None
    created: datetime
    last_updated: datetime
    rules: list[Rule] = field(default_factory=list)
    priority: int = 1
    system: bool = False
    status: str = "ACTIVE"
    conditions: Mapping[str, Any] | None = None
    resource_type: str = APP

    def in_order(self) -> list[Rule]:
        """The rules as they are tried: lower numbers first, the system rule last."""
        return sorted(self.rules, key=lambda rule: (rule.system, rule.priority))

    def to_json(self, org_url: str) -> dict[str, Any]:
        body: dict[str, Any] = {
            "id": self.id,
            "status": self.status,
            "name": self.name,
            "description": self.description,
            "priority": self.priority,
            "system": self.system,
            "conditions": self.conditions,
            "created": whole_seconds(self.created),
            "lastUpdated": whole_seconds(self.last_updated),
            "_links": self._links(f"{org_url}/api/v1/policies/{self.id}"),
        }
        if self.resource_type != APP:  # recordings of other policies do not show it
            body["_embedded"] = {"resourceType": self.resource_type}
        return body | {"type": self.type}

    def _links(self, url: str) -> dict[str, Any]:
        links: dict[str, Any] = {}
        if self.type == ACCESS_POLICY:
            links["mappings"] = {"href": f"{url}/mappings", "hints": {"allow": ["GET", "POST"]}}
        allow = ["GET", "PUT"] if self.system else ["GET", "PUT", "DELETE"]
        links["self"] = {"href": url, "hints": {"allow": allow}}
        links["rules"] = {"href": f"{url}/rules", "hints": {"allow": ["GET", "POST"]}}
        if not self.system:
            verb = "deactivate" if self.status == "ACTIVE" else "activate"
            links[verb] = {"href": f"{url}/lifecycle/{verb}", "hints": {"allow": ["POST"]}}
        return links
