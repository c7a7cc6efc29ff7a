"""What stands under `uem` in our YAML: what the UEM's JSON says and our grammar has no word for, verbatim."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from dtr_rules.formats.uem_words import PLATFORMS
from dtr_rules.model import Platform
from dtr_rules.source import Model


def _as_json(kept: Any) -> Any:
    """Refuse what JSON cannot say."""
    if isinstance(kept, float) and not math.isfinite(kept):
        raise ValueError("holds a number that JSON cannot write")
    for inner in kept.values() if isinstance(kept, dict) else kept if isinstance(kept, list) else ():
        _as_json(inner)
    return kept


def _rule_shape(kept: dict[str, Any]) -> dict[str, Any]:
    action, applications = kept.get("action", {}), kept.get("applications") or []
    named = isinstance(applications, list) and all(
        isinstance(each, dict) and isinstance(each.get("bundle_id"), str) for each in applications
    )
    if not (isinstance(action, dict) and named):
        raise ValueError("'action' must be a mapping, and 'applications' a list of mappings with 'bundle_id'")
    return kept


def _one_for_each_platform(payload: list[dict[str, Any]]) -> list[dict[str, Any]]:
    words = [entry.get("platform") for entry in payload]
    for word in PLATFORMS:
        if words.count(word) > 1:
            raise ValueError(f"platform '{word}' stands in two entries")
    return payload


Verbatim = Annotated[dict[str, Any], AfterValidator(_as_json)]
UemRule = dict[Platform, Annotated[Verbatim, AfterValidator(_rule_shape)]]
"""A rule's own: for each of its platforms what the UEM keeps of it, such as identifiers and signatures of apps."""


class UemSet(Model):
    """A set's own: of the rule set, of each platform's entry, and of the profile around it where that was read."""

    rule_set: Verbatim = Field(default_factory=dict)
    payload: Annotated[list[Verbatim], AfterValidator(_one_for_each_platform)] = Field(default_factory=list)
    profile: Verbatim | None = None
