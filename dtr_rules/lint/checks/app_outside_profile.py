"""DTR109: a rule for an app that does not carry the VPN profile."""

from __future__ import annotations

from collections.abc import Iterator

from dtr_rules.apps import is_among
from dtr_rules.lint.check import Check, Found, Subject
from dtr_rules.lint.examples import flow_of
from dtr_rules.lint.finding import Finding, Severity
from dtr_rules.lint.words import rule_words
from dtr_rules.model import Mode, Platform


def _find(subject: Subject) -> Found:
    if subject.rule_set.mode is Mode.FULL_DEVICE or subject.rule_set.profile_apps is None:
        return
    for index in range(len(subject.rule_set.rules)):
        yield from _of_rule(subject, index, subject.rule_set.profile_apps)


def _of_rule(subject: Subject, index: int, profile: frozenset[str]) -> Iterator[Finding]:
    rule = subject.rule_set.rules[index]
    for app in sorted(rule.apps or ()):
        if any(is_among(platform, app, profile) for platform in rule.platforms):
            continue
        flow = flow_of(subject.universe, next(each for each in Platform if each in rule.platforms), app, (rule,))
        yield Finding(
            severity=Severity.WARNING,
            message=f"{rule_words(subject.rule_set, index)} is for {app}, which is not one of the set's profile-apps: "
            f"its traffic never reaches the Tunnel client",
            fix=f"Assign the VPN profile to {app} and add it to profile-apps, or take it out of the rule.",
            path=("rules", index, "apps"),
            rule_index=index,
            about=app,
            examples=(subject.example(flow),),
        )


CHECK = Check(
    id="DTR109",
    name="app-outside-profile",
    severities=(Severity.WARNING,),
    what="A rule for an app that is not one of the set's `profile-apps`.",
    why="In Per Application mode only apps that carry the VPN profile are handed to the Tunnel client; for every "
    "other app the rule is dead.",
    fix="Assign the VPN profile to the app and add it to `profile-apps`, or take the app out of the rule.",
    find=_find,
)
