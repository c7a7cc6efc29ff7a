"""What the tests of a file must not say against each other or against the rules that they are about."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

from dtr_rules.formats.contradiction import Contradiction, mappings, names_twice
from dtr_rules.model import Platform
from dtr_rules.reasons import DecisionReason
from dtr_rules.source import KeyPath, suggestion

MAX_CASES: Final = 20_000  # of one file, tables expanded: lists multiply, and a small file must not grow without end


def test_contradictions(data: dict[str, Any], rules: Sequence[str] | None) -> Iterator[Contradiction]:
    """Everything under `tests` that does not go together. `rules` are the names that the set's rules have; None
    where they are not known here."""
    yield from names_twice(data, "tests", "test")
    total = 0
    for index, test in mappings(data, "tests"):
        path: KeyPath = ("tests", index)
        expect = test.get("expect")
        if isinstance(expect, dict):
            yield from _expectation((*path, "expect"), expect)
        if isinstance(expect, dict) and rules is not None:
            yield from unknown_rules((*path, "expect"), expect, rules)
        before, total = total, total + _cases(test.get("flow"))
        if before <= MAX_CASES < total:
            message = f"the tables of this file make more than {MAX_CASES} cases up to here; test fewer combinations"
            yield Contradiction((*path, "flow"), test.get("flow"), message)


def unknown_rules(path: KeyPath, expect: dict[str, Any], rules: Sequence[str]) -> Iterator[Contradiction]:
    """The rules that `expect`, which stands at `path`, names and that are not among `rules`."""
    for key in ("rule", "not-rule"):
        for where, name in _items((*path, key), expect.get(key)):
            if isinstance(name, str) and name not in rules:
                yield Contradiction(where, name, f"no rule has this name{suggestion(name, list(rules))}")


def _expectation(path: KeyPath, expect: dict[str, Any]) -> Iterator[Contradiction]:
    if not expect:
        yield Contradiction(path, expect, "says nothing; give an action, a rule, a not-rule or a reason")
    rule, reason = expect.get("rule"), expect.get("reason")
    if not isinstance(rule, str):
        return
    if reason in list(DecisionReason) and reason != DecisionReason.RULE:
        message = f"where a rule decides, the reason is 'rule'; remove this, or 'rule: {rule}'"
        yield Contradiction((*path, "reason"), reason, message)
    for where, name in _items((*path, "not-rule"), expect.get("not-rule")):
        if name == rule:
            yield Contradiction(where, name, "is the rule that is expected, too; remove one of them")


def _items(path: KeyPath, value: object) -> Iterator[tuple[KeyPath, object]]:
    """The items of a list, or the one value, with their places."""
    if isinstance(value, list):
        yield from (((*path, index), item) for index, item in enumerate(value))
    elif value is not None:
        yield path, value


def _cases(flow: object) -> int:
    if not isinstance(flow, dict):
        return 1
    sizes = [len(value) for value in flow.values() if isinstance(value, list)]
    return math.prod([*sizes, len(Platform) if flow.get("platform") == "all" else 1])
