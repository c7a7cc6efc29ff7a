"""DTR105: the same thing twice: destinations of a rule, apps of a list, whole rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dtr_rules.lint.check import Check, Found, Subject
from dtr_rules.lint.examples import flow_of, flow_to
from dtr_rules.lint.finding import Finding, Severity
from dtr_rules.lint.words import rule_words, written
from dtr_rules.model import Platform, Rule
from dtr_rules.source import KeyPath


def _find(subject: Subject) -> Found:
    seen: dict[tuple[object, ...], int] = {}
    for index, rule in enumerate(subject.rule_set.rules):
        yield from _destinations(subject, index)
        apps = subject.file.source.content.rules[index].apps or ()
        yield from _apps(subject, apps, ("rules", index, "apps"), rule.platforms, index)
        first = seen.setdefault(_meaning(rule), index)
        if first != index:
            yield _copy(subject, first, index)
    apps = subject.file.source.content.profile_apps or ()
    yield from _apps(subject, apps, ("profile-apps",), frozenset(subject.universe.platforms), None)


def _destinations(subject: Subject, index: int) -> Iterator[Finding]:
    rule = subject.rule_set.rules[index]
    for position, destination in enumerate(rule.destinations):
        if destination not in rule.destinations[:position]:
            continue
        first = rule.destinations[rule.destinations.index(destination)]
        as_first = "" if written(first) == written(destination) else f", as '{written(first)}'"
        flow = flow_to(subject.universe, rule, destination)
        yield Finding(
            severity=Severity.NOTE,
            message=f"{rule_words(subject.rule_set, index)} holds '{written(destination)}' already{as_first}",
            fix="Remove one of the two.",
            path=("rules", index, "to", position),
            rule_index=index,
            about=written(destination),
            examples=() if flow is None else (subject.example(flow),),
        )


def _apps(
    subject: Subject, apps: Sequence[str], path: KeyPath, platforms: frozenset[Platform], index: int | None
) -> Iterator[Finding]:
    folds = platforms != frozenset({Platform.ANDROID})  # letters count in Android's package names alone
    seen: set[str] = set()
    for position, app in enumerate(apps):
        key = app.lower() if folds else app
        if key in seen:
            rules = subject.rule_set.rules if index is None else (subject.rule_set.rules[index],)
            flow = flow_of(subject.universe, next(each for each in Platform if each in platforms), app, rules)
            yield Finding(
                severity=Severity.NOTE,
                message=f"the list holds '{app}' already",
                fix="Remove one of the two.",
                path=(*path, position),
                rule_index=index,
                about=app,
                examples=(subject.example(flow),),
            )
        seen.add(key)


def _meaning(rule: Rule) -> tuple[object, ...]:
    return rule.platforms, rule.apps, rule.action, rule.proxy, frozenset(rule.destinations)


def _copy(subject: Subject, first: int, index: int) -> Finding:
    rule = subject.rule_set.rules[index]
    flow = flow_to(subject.universe, rule, rule.destinations[0])
    return Finding(
        severity=Severity.NOTE,
        message=f"{rule_words(subject.rule_set, index)} says the same as {rule_words(subject.rule_set, first)}",
        fix="Remove one of the two.",
        path=("rules", index),
        rule_index=index,
        examples=() if flow is None else (subject.example(flow),),
    )


CHECK = Check(
    id="DTR105",
    name="duplicate",
    severities=(Severity.NOTE,),
    what="The same thing twice: a destination of a rule, an app of a list, a whole rule.",
    why="It changes nothing, but the next person who edits one of the two leaves the other behind.",
    fix="Remove one of the two.",
    find=_find,
)
