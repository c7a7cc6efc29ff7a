"""Rules of an app sign-in policy of Okta, as `GET /api/v1/policies/{id}/rules` lists them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from dtr_rules.lint.finding import Severity
from dtr_rules.source import KeyPath
from lab.kit.check.content import Content
from lab.kit.check.expected import Expected
from lab.kit.check.finding import Finding
from lab.kit.check.values import placeholder

_API: Final = "Okta Management API, Policies"
_BORN_OPEN: Final = "recorded: the rule that a new policy comes with"
_LAST: Final = 99


def is_rule(value: Any) -> bool:
    """Whether `value` is a rule of an app sign-in policy."""
    actions = value.get("actions") if isinstance(value, dict) else None
    return isinstance(actions, dict) and "appSignOn" in actions


def check_rules(
    content: Content, rules: Sequence[tuple[KeyPath, Mapping[str, Any]]], expected: Expected
) -> Iterator[Finding]:
    """Rules in the order in which they are judged; a single rule is judged by itself."""
    ordered = sorted(rules, key=lambda pair: _priority(pair[1]))
    for path, rule in ordered:
        yield from _check_rule(content, path, rule, expected)
    if len(ordered) < 2:
        return
    yield from _after_the_first_for_all(content, ordered)
    path, last = ordered[-1]
    if not _is_catch_all(last):
        words = "no catch-all rule at the end: the rule that a new policy is born with ALLOWS"
        yield content.value(path, words, "look at the policy's catch-all rule, and set it to DENY", source=_BORN_OPEN)
    if not any(_access(rule) == "ALLOW" and _zones(rule, "include") for _, rule in ordered):
        yield content.value((), "no rule admits a zone: nobody gets in", "add a rule that allows the gateway's zone")


def _check_rule(content: Content, path: KeyPath, rule: Mapping[str, Any], expected: Expected) -> Iterator[Finding]:
    access = _access(rule)
    here = (*path, "actions", "appSignOn", "access")
    if access not in ("ALLOW", "DENY"):
        yield content.value(here, f"access is {access!r}", "write ALLOW or DENY", source=_API)
        return
    if _is_catch_all(rule) and access == "ALLOW":
        words = "the catch-all rule allows: outside the tunnel everybody still gets in"
        yield content.value(here, words, "write DENY, once a sign-in through the tunnel has worked", source=_BORN_OPEN)
    if rule.get("status", "ACTIVE") != "ACTIVE":
        words = "the rule is not active"
        yield content.value((*path, "status"), words, "activate it", severity=Severity.WARNING, source=_API)
    yield from _network(content, path, rule, access, expected)
    device = _conditions(rule).get("device")
    if isinstance(device, dict) and device.get("managed") is not None and device.get("registered") is not True:
        words = "a condition on managed devices needs registered devices; Okta refuses it"
        yield content.value((*path, "conditions", "device"), words, 'add "registered": true', source=_API)


def _network(
    content: Content, path: KeyPath, rule: Mapping[str, Any], access: str, expected: Expected
) -> Iterator[Finding]:
    here = (*path, "conditions", "network")
    network = _conditions(rule).get("network")
    connection = network.get("connection", "ANYWHERE") if isinstance(network, dict) else "ANYWHERE"
    include, exclude = _zones(rule, "include"), _zones(rule, "exclude")
    if connection not in ("ANYWHERE", "ZONE"):
        yield content.value((*here, "connection"), f"connection is {connection!r}", "write ZONE", source=_API)
    elif connection == "ZONE" and bool(include) == bool(exclude):
        words = "a rule names zones either under include or under exclude; Okta refuses this"
        yield content.value(here, words, "keep include", source=_API)
    elif access == "ALLOW" and exclude:
        words = "this admits everybody who is NOT in the zone"
        yield content.value((*here, "exclude"), words, "name the zone under include")
    elif access == "ALLOW" and connection == "ANYWHERE" and not _is_catch_all(rule) and not _is_for_few(rule):
        words = "this admits people from anywhere"
        yield content.value(here, words, "name the gateway's zone, or the group of your emergency accounts")
    for number, zone in enumerate(include):
        wrong = placeholder(zone)
        if wrong is not None:
            yield content.value((*here, "include", number), wrong.message, wrong.fix)
        elif access == "ALLOW" and expected.zone_id is not None and zone != expected.zone_id:
            words = f"'{zone}' is not the zone that okta-zones keeps"
            yield content.value((*here, "include", number), words, f"write {expected.zone_id}")


def _after_the_first_for_all(
    content: Content, ordered: Sequence[tuple[KeyPath, Mapping[str, Any]]]
) -> Iterator[Finding]:
    for index, (path, rule) in enumerate(ordered[:-1]):
        if _is_for_all(rule):
            name = str(ordered[index + 1][1].get("name"))
            words = f"every rule after this one is never reached ('{name}' and others): it matches everybody"
            yield content.value((*path, "priority"), words, "give it the largest priority number", source=_API)
            return


def _is_for_all(rule: Mapping[str, Any]) -> bool:
    network = _conditions(rule).get("network")
    from_anywhere = not isinstance(network, dict) or network.get("connection", "ANYWHERE") == "ANYWHERE"
    device = _conditions(rule).get("device") or _conditions(rule).get("platform")
    return from_anywhere and not _is_for_few(rule) and not device


def _is_for_few(rule: Mapping[str, Any]) -> bool:
    people = _conditions(rule).get("people")
    included = [
        who.get("include") for who in (people.values() if isinstance(people, dict) else ()) if isinstance(who, dict)
    ]
    return any(included)


def _is_catch_all(rule: Mapping[str, Any]) -> bool:
    return rule.get("system") is True or _priority(rule) >= _LAST


def _priority(rule: Mapping[str, Any]) -> int:
    priority = rule.get("priority")
    return priority if isinstance(priority, int) else _LAST - 1


def _access(rule: Mapping[str, Any]) -> Any:
    action = rule["actions"]["appSignOn"]
    return action.get("access") if isinstance(action, dict) else None


def _conditions(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    conditions = rule.get("conditions")
    return conditions if isinstance(conditions, dict) else {}


def _zones(rule: Mapping[str, Any], side: str) -> list[str]:
    network = _conditions(rule).get("network")
    found = network.get(side) if isinstance(network, dict) else None
    return [str(each) for each in found] if isinstance(found, list) else []
