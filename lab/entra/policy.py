"""A conditional access policy: its values, its JSON, and what a request body may hold (Graph v1.0)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from lab.entra.errors import bad_request
from lab.entra.named_location import ticks

EVERY_LOCATION: Final = frozenset({"All", "AllTrusted", "00000000-0000-0000-0000-000000000000"})
"""Words for locations; the last one is the pseudo-location of the MFA trusted IPs."""
CONTROLS: Final = ("block", "mfa", "compliantDevice", "domainJoinedDevice")
_SHAPES: Final[Mapping[str, tuple[str, ...]]] = {
    "applications": ("includeApplications", "excludeApplications", "includeUserActions"),
    "users": (*("includeUsers", "excludeUsers", "includeGroups", "excludeGroups", "includeRoles", "excludeRoles"),),
    "platforms": ("includePlatforms", "excludePlatforms"),
    "locations": ("includeLocations", "excludeLocations"),
}


class State(StrEnum):
    """Whether a policy is in force."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    REPORT_ONLY = "enabledForReportingButNotEnforced"


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy at one moment; conditions and controls as Graph shows them."""

    id: str
    display_name: str
    state: State
    created: datetime
    modified: datetime | None
    conditions: Mapping[str, Any]
    grant_controls: Mapping[str, Any] | None
    session_controls: Mapping[str, Any] | None

    def named(self, condition: str, side: str) -> frozenset[str]:
        """One list of a condition, such as `locations`, `excludeLocations`."""
        return frozenset((self.conditions.get(condition) or {}).get(side) or ())

    @property
    def controls(self) -> tuple[str, ...]:
        return tuple((self.grant_controls or {}).get("builtInControls") or ())

    @property
    def location_ids(self) -> frozenset[str]:
        """The named locations that this policy names."""
        named = self.named("locations", "includeLocations") | self.named("locations", "excludeLocations")
        return named - EVERY_LOCATION

    @property
    def strict_location(self) -> bool:
        """Whether resources enforce the location themselves (continuous access evaluation; beta shape)."""
        evaluation = (self.session_controls or {}).get("continuousAccessEvaluation") or {}
        return bool(evaluation.get("mode") == "strictLocation")

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "displayName": self.display_name,
            "createdDateTime": ticks(self.created),
            "modifiedDateTime": ticks(self.modified) if self.modified is not None else None,
            "state": self.state,
            "sessionControls": self.session_controls,
            "conditions": self.conditions,
            "grantControls": self.grant_controls,
        }


def new_policy(policy_id: str, body: Mapping[str, Any], now: datetime, location_ids: Collection[str]) -> Policy:
    """The policy that a POST body describes. Raises GraphError (400)."""
    for name in ("displayName", "state", "conditions"):
        if not body.get(name):
            raise bad_request(f"{name} is required.")
    if not body.get("grantControls") and not body.get("sessionControls"):
        raise bad_request("A policy needs grantControls or sessionControls.")
    empty = Policy(policy_id, "", State.DISABLED, now, None, {}, None, None)
    return replace(changed_policy(empty, body, now, location_ids), modified=None)


def changed_policy(before: Policy, body: Mapping[str, Any], now: datetime, location_ids: Collection[str]) -> Policy:
    """The policy after a PATCH: what the body omits stays. Raises GraphError (400)."""
    after = before
    if "displayName" in body:
        after = replace(after, display_name=_text(body["displayName"]))
    if "state" in body:
        after = replace(after, state=_state(body["state"]))
    if "conditions" in body:
        after = replace(after, conditions=_conditions(before.conditions, body["conditions"]))
    if "grantControls" in body:
        after = replace(after, grant_controls=_grant_controls(body["grantControls"]))
    if "sessionControls" in body:
        after = replace(after, session_controls=_object(body["sessionControls"], "sessionControls"))
    unknown = sorted(after.location_ids - set(location_ids))
    if unknown:
        raise bad_request(f"There is no named location {unknown[0]}.")
    return replace(after, modified=now)


def _conditions(before: Mapping[str, Any], value: object) -> dict[str, Any]:
    given = _object(value, "conditions") or {}
    merged = {**before, **given}
    for name in ("users", "applications"):
        if not merged.get(name):
            raise bad_request(f"conditions.{name} is required.")
    completed = {**merged, "clientAppTypes": merged.get("clientAppTypes") or ["all"]}
    for name, lists in _SHAPES.items():
        if isinstance(completed.get(name), Mapping):
            completed[name] = {**completed[name], **{each: completed[name].get(each) or [] for each in lists}}
    return completed


def _grant_controls(value: object) -> dict[str, Any] | None:
    given = _object(value, "grantControls")
    if given is None:
        return None
    controls = given.get("builtInControls") or []
    unknown = [control for control in controls if control not in CONTROLS]
    if unknown:
        raise bad_request(f"The lab's grant controls are {', '.join(CONTROLS)}.")
    if "block" in controls and len(controls) > 1:
        raise bad_request("block cannot be combined with other controls.")
    if given.get("operator", "OR") not in ("AND", "OR"):
        raise bad_request("operator must be AND or OR.")
    return {
        "operator": given.get("operator", "OR"),
        "builtInControls": list(controls),
        "customAuthenticationFactors": [],
        "termsOfUse": [],
    }


def _object(value: object, name: str) -> dict[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise bad_request(f"{name} must be an object.")
    return value


def _state(value: object) -> State:
    try:
        return State(str(value))
    except ValueError as error:
        raise bad_request(f"state must be one of {', '.join(State)}.") from error


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise bad_request("displayName must not be empty.")
    return value
