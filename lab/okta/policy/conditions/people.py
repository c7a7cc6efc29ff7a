"""`people`: included and excluded users and groups."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from lab.okta.policy.conditions.outcome import Checked, Outcome, outcome
from lab.okta.policy.context import AccessContext


def check(people: Mapping[str, Any], context: AccessContext) -> list[Checked]:
    """Users and groups include each other's members: either is enough; an exclusion of either is final."""
    own_ids = None if context.user_id is None else frozenset({context.user_id})
    users, groups = people.get("users") or {}, people.get("groups") or {}
    excluded = [
        *_named("people.users.exclude", users.get("exclude"), own_ids, wanted=False),
        *_named("people.groups.exclude", groups.get("exclude"), context.group_ids, wanted=False),
    ]
    included = [
        *_named("people.users.include", users.get("include"), own_ids, wanted=True),
        *_named("people.groups.include", groups.get("include"), context.group_ids, wanted=True),
    ]
    matching = [each for each in included if each.status is Outcome.MATCH]
    undefined = [each for each in included if each.status is Outcome.UNDEFINED]
    return [*excluded, *(matching or undefined or included)]


def _named(name: str, entries: Collection[str] | None, own: frozenset[str] | None, *, wanted: bool) -> list[Checked]:
    if not entries:
        return []
    if own is None:
        return [Checked(name, Outcome.UNDEFINED)]
    return [Checked(name, outcome(met=own.isdisjoint(entries) is not wanted))]
