"""A difference as plain data for JSON."""

from __future__ import annotations

from dtr_rules.analysis.answers import Apps, Change, Difference, Effect, FlowClass
from dtr_rules.explanation import decision_as_json, flow_as_json
from dtr_rules.model import RuleSet


def as_json(old: RuleSet, new: RuleSet, difference: Difference, *, only_action: bool) -> dict[str, object]:
    """The document of `dtr diff --json`, version 1. `ports` is null for all ports."""
    return {
        "v": 1,
        "old": {"name": old.name, "digest": old.digest},
        "new": {"name": new.name, "digest": new.digest},
        "only_action": only_action,
        "no_effect": difference.no_effect,
        "changes": [_change(each) for each in difference.changes],
        "undecided": list(difference.undecided),
    }


def _change(change: Change) -> dict[str, object]:
    return {
        "old": _effect(change.old),
        "new": _effect(change.new),
        "classes": [_class(each) for each in change.classes],
    }


def _effect(effect: Effect) -> dict[str, object]:
    return {"action": effect.action, "proxy": effect.proxy, "reason": effect.reason, "rule": effect.rule}


def _class(each: FlowClass) -> dict[str, object]:
    return {
        "hosts": list(each.hosts),
        "crossing": each.crossing,
        "ports": None if each.ports is None else [[ports.first, ports.last] for ports in each.ports],
        "apps": [_apps(apps) for apps in each.apps],
        "example": flow_as_json(each.example),
        "old": decision_as_json(each.old),
        "new": decision_as_json(each.new),
    }


def _apps(apps: Apps) -> dict[str, object]:
    return {
        "platforms": list(apps.platforms),
        "every": apps.every,
        "named": list(apps.named),
        "others": apps.others,
    }
