"""What entries of a rule set file must not say against each other.

It reads the plain data of the file, before and regardless of whether every single entry is right, so that all
mistakes come at once. An entry that is wrong in itself is somebody else's finding and is passed over here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dtr_rules.model import Action, Mode
from dtr_rules.reasons import DecisionReason
from dtr_rules.source import KeyPath, suggestion


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Where the file contradicts itself, the value there, and how to mend it."""

    path: KeyPath
    value: object
    message: str


def contradictions(data: object) -> Iterator[Contradiction]:
    """Everything in the plain data of a rule set file that does not go together."""
    if not isinstance(data, dict):
        return
    yield from _proxy((), data, action_key="default", proxy_key="default-proxy")
    for index, rule in _mappings(data, "rules"):
        yield from _proxy(("rules", index), rule, action_key="action", proxy_key="proxy")
        if data.get("mode") == Mode.PER_APP and "apps" not in rule:
            yield Contradiction(("rules", index), rule, "'apps' is missing; for every app write 'apps: all'")
    yield from _names_twice(data, "rules", "rule")
    yield from _names_twice(data, "tests", "test")
    for index, test in _mappings(data, "tests"):
        yield from _expectation(("tests", index, "expect"), test.get("expect"), data)


def _proxy(path: KeyPath, entry: dict[str, Any], *, action_key: str, proxy_key: str) -> Iterator[Contradiction]:
    action, proxy = entry.get(action_key), entry.get(proxy_key)
    if action not in list(Action):
        return
    if Action(action).needs_proxy and proxy is None:
        message = f"needs '{proxy_key}', the host:port of the proxy to send traffic to"
        yield Contradiction((*path, action_key), action, message)
    if not Action(action).needs_proxy and proxy is not None:
        message = f"not used by '{action_key}: {action}'; remove it, or choose proxy, tunnel-proxy or web-proxy"
        yield Contradiction((*path, proxy_key), proxy, message)


def _names_twice(data: dict[str, Any], key: str, what: str) -> Iterator[Contradiction]:
    first: dict[str, int] = {}
    for index, entry in _mappings(data, key):
        name = entry.get("name")
        if not isinstance(name, str):
            continue
        if name in first:
            message = f"{what} {first[name] + 1} has this name already; every {what} needs its own"
            yield Contradiction((key, index, "name"), name, message)
        first.setdefault(name, index)


def _expectation(path: KeyPath, expect: object, data: dict[str, Any]) -> Iterator[Contradiction]:
    if not isinstance(expect, dict):
        return
    if not expect:
        yield Contradiction(path, expect, "says nothing; give an action, a rule or a reason")
    rule, reason = expect.get("rule"), expect.get("reason")
    if not isinstance(rule, str):
        return
    names = [name for _, entry in _mappings(data, "rules") if isinstance(name := entry.get("name"), str)]
    if rule not in names:
        yield Contradiction((*path, "rule"), rule, f"no rule has this name{suggestion(rule, names)}")
    if reason in list(DecisionReason) and reason != DecisionReason.RULE:
        message = f"where a rule decides, the reason is 'rule'; remove this, or 'rule: {rule}'"
        yield Contradiction((*path, "reason"), reason, message)


def _mappings(data: dict[str, Any], key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    entries = data.get(key)
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        if isinstance(entry, dict):
            yield index, entry
