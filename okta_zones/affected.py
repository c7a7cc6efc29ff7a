"""Which policies a change of a zone or location reaches."""

from __future__ import annotations

from dataclasses import dataclass

from okta_zones.errors import FarEndError
from okta_zones.far_ends import OktaOrg
from okta_zones.graph.policies import LocationUse, uses_of_location
from okta_zones.okta.zone_use import ZoneUse
from okta_zones.okta.zone_uses import uses_of_zone
from okta_zones.opening import Opened
from okta_zones.target import Current
from okta_zones.unreadable import Unreadable


@dataclass(frozen=True, slots=True)
class Affected:
    """Somebody who names the target: a rule of a policy, a token. `how`: as an inclusion, an exclusion, or else."""

    kind: str
    name: str
    rule: str | None
    how: str
    active: bool
    effect: str
    """What it does: `ALLOW`, `DENY`, Graph's grant controls; empty where it says nothing of the kind."""


@dataclass(frozen=True, slots=True)
class Reach:
    """All who name the target, and what could not be looked at."""

    policies: tuple[Affected, ...] = ()
    unread: tuple[str, ...] = ()


def reach_of(opened: Opened, current: Current) -> Reach:
    """Who names the target as it stands; a far end that does not answer is told, too."""
    try:
        return _of_zone(opened, current) if isinstance(opened.far_end, OktaOrg) else _of_location(opened, current)
    except FarEndError as error:
        return Reach(unread=(f"the policies could not be read: {error}",))


def _of_zone(opened: Opened, current: Current) -> Reach:
    found = uses_of_zone(opened.far_end.exchange, current.id)
    return Reach(tuple(map(_rule, found.uses)), tuple(map(str, found.unread)))


def _of_location(opened: Opened, current: Current) -> Reach:
    trusted = current.settings.get("isTrusted") is True
    found = uses_of_location(opened.far_end.exchange, current.id, trusted=trusted)
    return Reach(unread=(str(found),)) if isinstance(found, Unreadable) else Reach(tuple(map(_policy, found)))


def _rule(use: ZoneUse) -> Affected:
    return Affected(use.kind, use.name, use.rule, use.how.value, use.active, use.access or "")


def _policy(use: LocationUse) -> Affected:
    return Affected("CONDITIONAL_ACCESS", use.name, None, use.how.value, use.enforced, ", ".join(use.controls))
