"""Which conditional access policies name a named location (Graph v1.0, conditionalAccessPolicy)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from okta_zones.exchange import Exchange
from okta_zones.graph.transport import list_all
from okta_zones.needs import POLICY_READ
from okta_zones.unreadable import Unreadable, or_unreadable

PATH: Final = "/v1.0/identity/conditionalAccess/policies"
ALL_TRUSTED: Final = "AllTrusted"


class How(StrEnum):
    """What the location is to a policy."""

    INCLUDE = "include"
    EXCLUDE = "exclude"
    INCLUDE_AS_TRUSTED = "include-all-trusted"
    EXCLUDE_AS_TRUSTED = "exclude-all-trusted"


@dataclass(frozen=True, slots=True)
class LocationUse:
    """One way in which one policy names the location. `state` and `controls` as Graph writes them."""

    id: str
    name: str
    how: How
    state: str
    controls: tuple[str, ...]

    @property
    def enforced(self) -> bool:
        """Whether the policy counts; the others are off or report only."""
        return self.state == "enabled"


def uses_of_location(exchange: Exchange, location_id: str, *, trusted: bool) -> tuple[LocationUse, ...] | Unreadable:
    """Every policy that names the location, by its id or, where it is trusted, by `AllTrusted`. Raises FarEndError."""

    def look() -> tuple[LocationUse, ...]:
        return tuple(use for policy in list_all(exchange, PATH) for use in _uses(policy, location_id, trusted))

    return or_unreadable("the conditional access policies", POLICY_READ, look)


def _uses(policy: Mapping[str, Any], location_id: str, trusted: bool) -> Iterator[LocationUse]:
    locations = _mapping(_mapping(policy.get("conditions")).get("locations"))
    controls = _mapping(policy.get("grantControls")).get("builtInControls")
    for key, by_id, as_trusted in (
        ("includeLocations", How.INCLUDE, How.INCLUDE_AS_TRUSTED),
        ("excludeLocations", How.EXCLUDE, How.EXCLUDE_AS_TRUSTED),
    ):
        named = locations.get(key)
        found = [str(each).lower() for each in named] if isinstance(named, list) else []
        for how, there in (
            (by_id, location_id.lower() in found),
            (as_trusted, trusted and ALL_TRUSTED.lower() in found),
        ):
            if there:
                yield LocationUse(
                    id=str(policy.get("id")),
                    name=str(policy.get("displayName")),
                    how=how,
                    state=str(policy.get("state")),
                    controls=tuple(map(str, controls)) if isinstance(controls, list) else (),
                )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
