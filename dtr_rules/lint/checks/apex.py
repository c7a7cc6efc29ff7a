"""DTR108: `*.example.com` and `example.com`, where the switch `wildcard-matches-apex` changes a decision."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from dtr_rules.destinations import NamePattern
from dtr_rules.index import Index
from dtr_rules.lint.check import Check, Found, Subject
from dtr_rules.lint.examples import flow_to, name
from dtr_rules.lint.finding import Example, Finding, Severity
from dtr_rules.lint.words import decision_words, written


def _find(subject: Subject) -> Found:
    rule_set = subject.rule_set
    other = Index(dataclasses.replace(rule_set, wildcard_matches_apex=not rule_set.wildcard_matches_apex))
    for index in range(len(rule_set.rules)):
        yield from _of_rule(subject, index, other)


def _of_rule(subject: Subject, index: int, other: Index) -> Iterator[Finding]:
    rule_set, rule = subject.rule_set, subject.rule_set.rules[index]
    for position, destination in enumerate(rule.destinations):
        target = destination.target
        if not (isinstance(target, NamePattern) and target.open_start and target.literal.startswith(".")):
            continue
        apex = name(target.literal[1:] + ("example" if target.literal.endswith(".") else ""))
        flow = None if apex is None else flow_to(subject.universe, rule, destination, apex)
        if flow is None:
            continue
        now, then = subject.decide(flow), other.decide(flow)
        if (now.action, now.proxy) == (then.action, then.proxy):
            continue
        off, on = (then, now) if rule_set.wildcard_matches_apex else (now, then)
        yield Finding(
            severity=Severity.WARNING,
            message=f"whether '{written(destination)}' matches {flow.host} itself is not documented, and it matters: "
            f"{decision_words(off)} if it does not, {decision_words(on)} if it does",
            fix=f"Name '{flow.host}' beside it, or put a rule for it above, so that both give the same.",
            path=("rules", index, "to", position),
            rule_index=index,
            about=written(destination),
            examples=(Example(flow, now),),
        )


CHECK = Check(
    id="DTR108",
    name="apex",
    severities=(Severity.WARNING,),
    what="A dotted wildcard (`*.example.com`) where it changes a decision whether it matches `example.com`, too.",
    why="The product's own behaviour is not documented; `wildcard-matches-apex` says what this program takes it to "
    "be. Where the answer changes an action, the set does one thing here and perhaps another on a device.",
    fix="Name the apex in the same rule, or in a rule above, so that both answers lead to the same.",
    find=_find,
)
