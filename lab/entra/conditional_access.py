"""Conditional access: what all policies together say of a sign-in (Microsoft's documentation).

Every policy that applies counts; one that blocks is enough. The connecting address decides, never a forwarded one.
Judged at every sign-in and at every redemption of a refresh token. A condition that the lab cannot judge, such as a
risk level, counts as met: a policy never lets in for want of knowledge.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lab.entra.named_location import NamedLocation
from lab.entra.policy import Policy, State

_NAMES: Final[Mapping[str, str]] = {
    "block": "Block",
    "mfa": "Mfa",
    "compliantDevice": "RequireCompliantDevice",
    "domainJoinedDevice": "RequireDomainJoinedDevice",
}


@dataclass(frozen=True, slots=True)
class SignInFacts:
    """What is known of a sign-in. `resource_id` is the app id of what is asked for, `platform` as Graph names it."""

    user_id: str
    address: str
    resource_id: str = ""
    group_ids: frozenset[str] = frozenset()
    client_app: str = "mobileAppsAndDesktopClients"
    platform: str | None = None
    controls: frozenset[str] = frozenset()
    """Grant controls that are met: mfa, compliantDevice."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What one policy had to say of a sign-in; `result` in the words of the sign-in log."""

    policy: Policy
    result: str
    missing: tuple[str, ...] = ()
    """The controls that would have been needed."""

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.policy.id,
            "displayName": self.policy.display_name,
            "enforcedGrantControls": [_NAMES[control] for control in self.policy.controls],
            "enforcedSessionControls": [],
            "result": self.result,
        }


@dataclass(frozen=True, slots=True)
class Judgement:
    """What all policies together say of a sign-in."""

    applied: tuple[Applied, ...]

    @property
    def blocked(self) -> bool:
        """Whether nothing that the person could do would help."""
        return "block" in self.missing

    @property
    def missing(self) -> frozenset[str]:
        """What keeps the sign-in out: `block`, or controls that are not met."""
        return frozenset(name for entry in self.applied if entry.result == "failure" for name in entry.missing)

    @property
    def status(self) -> str:
        """`conditionalAccessStatus` of the sign-in log."""
        results = {entry.result for entry in self.applied}
        if "failure" in results:
            return "failure"
        return "success" if "success" in results else "notApplied"


def judge(policies: Iterable[Policy], facts: SignInFacts, locations: Mapping[str, NamedLocation]) -> Judgement:
    """Judge a sign-in by the locations in force."""
    inside = [location for location in locations.values() if location.contains(facts.address)]
    return Judgement(tuple(_judged(policy, facts, inside) for policy in policies))


def _judged(policy: Policy, facts: SignInFacts, inside: Collection[NamedLocation]) -> Applied:
    if policy.state is State.DISABLED:
        return Applied(policy, "notEnabled")
    report_only = policy.state is State.REPORT_ONLY
    if why_not(policy, facts, inside) is not None:
        return Applied(policy, "reportOnlyNotApplied" if report_only else "notApplied")
    missing = _missing(policy, facts)
    if not missing:
        return Applied(policy, "reportOnlySuccess" if report_only else "success")
    return Applied(policy, "reportOnlyFailure" if report_only else "failure", missing)


def why_not(policy: Policy, facts: SignInFacts, inside: Collection[NamedLocation]) -> str | None:
    """The condition by which a policy does not apply, as Graph's what-if names it; None where it applies."""
    if not _users(policy, facts):
        return "users"
    if not _applications(policy, facts):
        return "application"
    if not _client_apps(policy, facts):
        return "clientApps"
    if not _platforms(policy, facts):
        return "devicePlatform"
    return None if _locations(policy, inside) else "location"


def _missing(policy: Policy, facts: SignInFacts) -> tuple[str, ...]:
    controls = policy.controls
    unmet = tuple(control for control in controls if control not in facts.controls)
    one_is_enough = (policy.grant_controls or {}).get("operator", "OR") == "OR"
    return () if one_is_enough and len(unmet) < len(controls) else unmet


def _users(policy: Policy, facts: SignInFacts) -> bool:
    if facts.user_id in policy.named("users", "excludeUsers"):
        return False
    if not facts.group_ids.isdisjoint(policy.named("users", "excludeGroups")):
        return False
    included = policy.named("users", "includeUsers")
    if not included.isdisjoint({"All", facts.user_id}):
        return True
    return not facts.group_ids.isdisjoint(policy.named("users", "includeGroups"))


def _applications(policy: Policy, facts: SignInFacts) -> bool:
    if facts.resource_id in policy.named("applications", "excludeApplications"):
        return False
    return not policy.named("applications", "includeApplications").isdisjoint({"All", facts.resource_id})


def _client_apps(policy: Policy, facts: SignInFacts) -> bool:
    kinds = policy.conditions.get("clientAppTypes") or ["all"]
    return "all" in kinds or facts.client_app in kinds


def _platforms(policy: Policy, facts: SignInFacts) -> bool:
    """A platform that is not known counts as every included one, and as no excluded one."""
    if not policy.conditions.get("platforms"):
        return True
    if facts.platform is None:
        return True
    if not policy.named("platforms", "excludePlatforms").isdisjoint({"all", facts.platform}):
        return False
    return not policy.named("platforms", "includePlatforms").isdisjoint({"all", facts.platform})


def _locations(policy: Policy, inside: Collection[NamedLocation]) -> bool:
    if not policy.conditions.get("locations"):
        return True
    names = {"All", *(location.id for location in inside)}
    if any(location.trusted for location in inside):
        names.add("AllTrusted")
    included = not policy.named("locations", "includeLocations").isdisjoint(names)
    return included and policy.named("locations", "excludeLocations").isdisjoint(names)
