"""A policy's rule, and the JSON that the API shows of it (recorded traffic)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from lab.okta.identifiers import whole_seconds

CATCH_ALL: Final = "Catch-all Rule"
_DURATION: Final = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


@dataclass(frozen=True, slots=True)
class Rule:
    """`type` is ACCESS_POLICY or SIGN_ON; `conditions` is None for an app sign-in policy's system catch-all."""

    id: str
    name: str
    priority: int
    system: bool
    created: datetime
    last_updated: datetime
    conditions: Mapping[str, Any] | None
    actions: Mapping[str, Any]
    status: str = "ACTIVE"
    type: str = "ACCESS_POLICY"

    @property
    def access(self) -> str:
        return str(self._action.get("access", "ALLOW"))

    @property
    def factor_mode(self) -> str:
        """`1FA` or `2FA`."""
        if self.type == "SIGN_ON":
            return "2FA" if self._action.get("requireFactor") else "1FA"
        return str(self._method.get("factorMode", "1FA"))

    @property
    def reauthenticate_in(self) -> timedelta | None:
        """How old a sign-in may be that this rule accepts; None for any age."""
        return duration(self._method.get("reauthenticateIn"))

    @property
    def session(self) -> Mapping[str, Any]:
        """The session that a global session rule gives."""
        return self._action.get("session") or {}

    @property
    def zone_ids(self) -> frozenset[str]:
        """The zones that this rule names, included or excluded."""
        network = (self.conditions or {}).get("network") or {}
        return frozenset([*(network.get("include") or ()), *(network.get("exclude") or ())])

    @property
    def _action(self) -> Mapping[str, Any]:
        return self.actions.get("signon" if self.type == "SIGN_ON" else "appSignOn") or {}

    @property
    def _method(self) -> Mapping[str, Any]:
        return self._action.get("verificationMethod") or {}

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
            "_links": self._links(f"{org_url}/api/v1/policies/{policy_id}/rules/{self.id}"),
            "type": self.type,
        }

    def _links(self, url: str) -> dict[str, Any]:
        allow = ["GET", "PUT"] if self.system else ["GET", "PUT", "DELETE"]
        own = {"self": {"href": url, "hints": {"allow": allow}}}
        if self.system:
            return own
        verb = "deactivate" if self.status == "ACTIVE" else "activate"
        return own | {verb: {"href": f"{url}/lifecycle/{verb}", "hints": {"allow": ["POST"]}}}


def duration(text: object) -> timedelta | None:
    """An ISO 8601 duration such as PT12H or P30D; None for what is none."""
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None or not any(found.groups()):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
