"""Writes to the rules of one policy, and the order of priorities that they leave behind.

Lower numbers come first. A rule that is put on a number that is taken pushes the others behind it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from lab.okta.errors import OktaError, access_denied, not_found, validation_failed
from lab.okta.identifiers import new_id
from lab.okta.policy.policy import RULE_ID_PREFIXES, RULE_TYPES, Policy
from lab.okta.policy.rule import Rule
from lab.okta.policy.rule_body import read_actions, read_conditions

MOST_RULES = 100


@dataclass(frozen=True, slots=True)
class Writing:
    """What a write depends on beside its body: the time, and the zones that exist."""

    now: datetime
    zone_ids: Collection[str]


def rule_of(policy: Policy, rule_id: str) -> Rule:
    """Raises OktaError (404)."""
    for rule in policy.rules:
        if rule.id == rule_id:
            return rule
    raise not_found(rule_id, "PolicyRule")


def add_rule(policy: Policy, body: Mapping[str, Any], writing: Writing, *, active: bool) -> Rule:
    """Raises OktaError (400)."""
    if len(policy.rules) >= MOST_RULES:
        raise validation_failed("rules", f"A policy holds at most {MOST_RULES} rules")
    kind = RULE_TYPES[policy.type]
    if body.get("type", kind) != kind:
        raise validation_failed("type", f"A rule of this policy must have the type {kind}")
    rule = Rule(
        id=new_id(RULE_ID_PREFIXES[policy.type]),
        name=_name(body, policy, besides=None),
        priority=_priority(body, _behind_all(policy)),
        system=False,
        created=writing.now,
        last_updated=writing.now,
        conditions=read_conditions(body, kind, writing.zone_ids),
        actions=read_actions(body, policy.type),
        status="ACTIVE" if active else "INACTIVE",
        type=kind,
    )
    _place(policy, rule)
    return rule


def replace_rule(policy: Policy, rule_id: str, body: Mapping[str, Any], writing: Writing) -> Rule:
    """Raises OktaError (400, 404)."""
    before = rule_of(policy, rule_id)
    changed = replace(before, actions=read_actions(body, policy.type), last_updated=writing.now)
    if not before.system:  # of the catch-all only what it does can be changed: it has no conditions, and stays last
        changed = replace(
            changed,
            name=_name(body, policy, besides=rule_id),
            priority=_priority(body, before.priority),
            conditions=read_conditions(body, before.type, writing.zone_ids),
        )
    _place(policy, changed)
    return changed


def delete_rule(policy: Policy, rule_id: str) -> Rule:
    """Raises OktaError (403 for a system rule, 404)."""
    rule = rule_of(policy, rule_id)
    if rule.system:
        raise access_denied()
    policy.rules = [each for each in policy.rules if each.id != rule_id]
    return rule


def set_rule_status(policy: Policy, rule_id: str, status: str, now: datetime) -> Rule:
    """Raises OktaError (403 for a system rule, 404)."""
    rule = rule_of(policy, rule_id)
    if rule.system:
        raise access_denied()
    changed = replace(rule, status=status, last_updated=now)
    policy.rules = [changed if each.id == rule_id else each for each in policy.rules]
    return changed


def priorities_reconciling() -> OktaError:
    """423 while priorities move (recorded traffic)."""
    return OktaError(423, "E0000239", "Policy priorities are being reconciled. Please try again later.")


def _place(policy: Policy, rule: Rule) -> None:
    """Put `rule` in, in place of its former self; those on its number and behind move back where they must."""
    others = [each for each in policy.rules if each.id != rule.id]
    taken = rule.priority
    moved: list[Rule] = []
    for each in sorted(others, key=lambda other: other.priority):
        if not each.system and not rule.system and each.priority == taken:
            taken += 1
            moved.append(replace(each, priority=taken))
        else:
            moved.append(each)
    policy.rules = [*moved, rule]


def _behind_all(policy: Policy) -> int:
    return max((rule.priority + 1 for rule in policy.rules if not rule.system), default=0)


def _name(body: Mapping[str, Any], policy: Policy, besides: str | None) -> str:
    name = body.get("name")
    if not isinstance(name, str) or not name:
        raise validation_failed("name", "The field cannot be left blank")
    if any(rule.name == name and rule.id != besides for rule in policy.rules):
        raise validation_failed("name", "A rule with this name exists already")
    return name


def _priority(body: Mapping[str, Any], default: int) -> int:
    priority = body.get("priority", default)
    if priority is None:
        return default
    if isinstance(priority, bool) or not isinstance(priority, int) or priority < 0:
        raise validation_failed("priority", "The field must be a number")
    return priority
