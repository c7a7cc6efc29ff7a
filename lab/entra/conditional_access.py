"""Conditional access: policies that block by user and location (Microsoft's documentation; Graph v1.0 shapes).

All policies that apply count; one that blocks is enough. The connecting address decides, never a forwarded one.
Judged at every sign-in and at every redemption of a refresh token. The lab knows block policies only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from lab.entra.named_location import NamedLocation, ticks


class State(StrEnum):
    """Whether a policy is in force."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    REPORT_ONLY = "enabledForReportingButNotEnforced"


@dataclass(frozen=True, slots=True)
class BlockPolicy:
    """Blocks the included users outside the excluded locations. Locations are ids, `All` or `AllTrusted`."""

    id: str
    display_name: str
    state: State
    created: datetime
    include_users: frozenset[str]
    exclude_users: frozenset[str]
    include_locations: frozenset[str]
    exclude_locations: frozenset[str]

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "displayName": self.display_name,
            "createdDateTime": ticks(self.created),
            "modifiedDateTime": None,
            "state": self.state,
            "sessionControls": None,
            "conditions": {
                "clientAppTypes": ["all"],
                "applications": {
                    "includeApplications": ["All"],
                    "excludeApplications": [],
                    "includeUserActions": [],
                },
                "users": {
                    "includeUsers": sorted(self.include_users),
                    "excludeUsers": sorted(self.exclude_users),
                    "includeGroups": [],
                    "excludeGroups": [],
                    "includeRoles": [],
                    "excludeRoles": [],
                },
                "locations": {
                    "includeLocations": sorted(self.include_locations),
                    "excludeLocations": sorted(self.exclude_locations),
                },
            },
            "grantControls": {
                "operator": "OR",
                "builtInControls": ["block"],
                "customAuthenticationFactors": [],
                "termsOfUse": [],
            },
        }


@dataclass(frozen=True, slots=True)
class Applied:
    """What one policy had to say of a sign-in; `result` in the words of the sign-in log."""

    policy: BlockPolicy
    result: str

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.policy.id,
            "displayName": self.policy.display_name,
            "enforcedGrantControls": ["Block"],
            "enforcedSessionControls": [],
            "result": self.result,
        }


@dataclass(frozen=True, slots=True)
class Judgement:
    """What all policies together say of a sign-in."""

    applied: tuple[Applied, ...]

    @property
    def blocked(self) -> bool:
        return any(entry.result == "failure" for entry in self.applied)

    @property
    def status(self) -> str:
        """`conditionalAccessStatus`: a block policy never succeeds, it blocks or does not apply."""
        return "failure" if self.blocked else "notApplied"


def judge(
    policies: Iterable[BlockPolicy], user_id: str, address: str, locations: Mapping[str, NamedLocation]
) -> Judgement:
    """Judge a sign-in of a user from the connecting address, by the locations in force."""
    inside = [location for location in locations.values() if location.contains(address)]
    return Judgement(tuple(Applied(policy, _result(policy, user_id, inside)) for policy in policies))


def _result(policy: BlockPolicy, user_id: str, inside: Collection[NamedLocation]) -> str:
    if policy.state is State.DISABLED:
        return "notEnabled"
    applies = _applies(policy, user_id, inside)
    if policy.state is State.REPORT_ONLY:
        return "reportOnlyFailure" if applies else "reportOnlyNotApplied"
    return "failure" if applies else "notApplied"


def _applies(policy: BlockPolicy, user_id: str, inside: Collection[NamedLocation]) -> bool:
    if user_id in policy.exclude_users or policy.include_users.isdisjoint({"All", user_id}):
        return False
    names = {"All", *(location.id for location in inside)}
    if any(location.trusted for location in inside):
        names.add("AllTrusted")
    return not policy.include_locations.isdisjoint(names) and policy.exclude_locations.isdisjoint(names)
