"""Rule sets in a few words, and what the checks find in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from dtr_rules.catalogue.login_hosts import PathClass
from dtr_rules.catalogue.providers import parse_provider
from dtr_rules.evaluate import evaluate
from dtr_rules.formats.yaml import parse_rule_set
from dtr_rules.lint.check import Subject
from dtr_rules.lint.finding import Reported
from dtr_rules.lint.registry import CHECKS
from dtr_rules.lint.run import lint

TODAY = dt.date(2027, 1, 15)

Make = Callable[..., Subject]
Find = Callable[..., list[Reported]]


@pytest.fixture
def subject() -> Make:
    """`subject([rule, …], idp=[…], **keys of the set)`; a rule is (destinations, action) or a mapping."""

    def make(
        rules: list[Any], *, idp: tuple[str, ...] = (), paths: tuple[PathClass, ...] = (PathClass.JUDGED,), **keys: Any
    ) -> Subject:
        entries = [
            {"name": f"r{number}", **(rule if isinstance(rule, dict) else {"to": rule[0], "action": rule[1]})}
            for number, rule in enumerate(rules, 1)
        ]
        for entry in entries:
            entry.setdefault("apps", "all")
        data = {"version": 1, "name": "s", "mode": "per-app", "default": "bypass", "rules": entries}
        data |= {key.replace("_", "-"): value for key, value in keys.items()}
        file = parse_rule_set(yaml.safe_dump(data, sort_keys=False), "rules.yaml")
        return Subject(file, TODAY, tuple(map(parse_provider, idp)), paths=frozenset(paths))

    return make


@pytest.fixture
def found(subject: Make) -> Find:
    """What the check with an id finds in such a rule set; every example flow is held against the reference engine."""

    def find(check: str, rules: list[Any], **keys: Any) -> list[Reported]:
        made = subject(rules, **keys)
        report = lint(made, [each for each in CHECKS if each.id == check])
        for each in report.findings:
            for example in each.finding.examples:
                assert evaluate(made.rule_set, example.flow) == example.decision
        return [each for each in report.findings if each.id == check]

    return find
