"""Somebody who names a zone: a rule, an API token, an app, ThreatInsight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class How(StrEnum):
    """What the zone is to who names it."""

    INCLUDE = "include"
    EXCLUDE = "exclude"
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class ZoneUse:
    """One place that names a zone. `kind` is a type of policy as Okta writes it, `API_TOKEN` or `THREAT_INSIGHT`."""

    kind: str
    id: str
    name: str
    how: How
    active: bool = True
    rule_id: str | None = None
    rule: str | None = None
    access: str | None = None
    """`ALLOW` or `DENY`, where the rule decides about access."""


def how_named(conditions: object, zone_id: str) -> How | None:
    """How a rule's conditions name the zone; None where they do not. Unknown conditions are searched, too."""
    found = set(_mentions(conditions, zone_id, How.NAMED))
    return next((how for how in (How.INCLUDE, How.EXCLUDE, How.NAMED) if how in found), None)


def _mentions(value: object, zone_id: str, how: How) -> Iterator[How]:
    if value == zone_id:
        yield how
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _mentions(inner, zone_id, {"include": How.INCLUDE, "exclude": How.EXCLUDE}.get(key, how))
    elif isinstance(value, list):
        for inner in value:
            yield from _mentions(inner, zone_id, how)
