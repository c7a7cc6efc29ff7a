"""DTR201: login hosts of the named identity providers that do not go through the tunnel, per platform and app."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dtr_rules.catalogue.entry import Sure
from dtr_rules.catalogue.login_hosts import Endpoint, LoginHost, PathClass
from dtr_rules.catalogue.providers import NamedHost
from dtr_rules.lint.check import Check, Found, Subject
from dtr_rules.lint.finding import Example, Finding, Severity
from dtr_rules.lint.universe import is_tunnelled
from dtr_rules.lint.words import app_words, decision_words, listed, platforms_words
from dtr_rules.model import Action, Decision, Platform
from dtr_rules.source import KeyPath


@dataclass(frozen=True, slots=True)
class _Missed:
    """A login host and the flows to it that one rule, or no rule, keeps off the tunnel."""

    host: NamedHost
    rule_index: int | None
    examples: tuple[Example, ...]


def _find(subject: Subject) -> Found:
    together: dict[tuple[str, PathClass, int | None], list[_Missed]] = {}
    for host in subject.named_hosts:
        for missed in _missed(subject, host):
            if _severity(subject, missed) is Severity.NOTE:
                together.setdefault((str(host.provider), host.entry.path, missed.rule_index), []).append(missed)
            else:
                yield _finding(subject, missed)
    yield from map(_summary, together.values())


def _missed(subject: Subject, host: NamedHost) -> Iterator[_Missed]:
    if host.entry.path not in subject.paths:
        return
    by_rule: dict[int | None, list[Example]] = {}
    for platform in subject.universe.platforms:
        if platform not in host.entry.platforms:
            continue
        for app in subject.universe.apps(platform):
            flow, decision = subject.universe.decide(platform, app, host.example)
            if not is_tunnelled(decision):
                by_rule.setdefault(decision.rule_index, []).append(Example(flow, decision))
    for rule_index, examples in by_rule.items():
        yield _Missed(host, rule_index, tuple(examples))


def _finding(subject: Subject, missed: _Missed) -> Finding:
    host, entry = missed.host, missed.host.entry
    note = f" {entry.note}" if entry.note else ""
    return Finding(
        severity=_severity(subject, missed),
        message=f"{host.name} ({', '.join(entry.endpoints)}; {host.provider}) {_instead(missed.examples)}"
        f"{_class_words(entry)}",
        fix=f"Add \"{host.name}\" to a rule with 'action: tunnel' for these platforms and apps.{note}",
        path=_path(missed),
        rule_index=missed.rule_index,
        about=host.name,
        examples=missed.examples,
    )


def _summary(group: list[_Missed]) -> Finding:
    """The hosts of a provider that may not have to go through the tunnel, in one."""
    first, path = group[0], group[0].host.entry.path
    hosts = ", ".join(f"{each.host.name} ({each.host.entry.sure})" for each in group)
    why = (
        "nothing is decided by the address seen there"
        if path is PathClass.NEVER
        else "it is not documented that the address is judged there"
    )
    return Finding(
        severity=Severity.NOTE,
        message=f"hosts of {first.host.provider} that do not go through the tunnel; {why}: {hosts}",
        fix="Nothing; if sign-ins from compliant devices are refused, look for these hosts in the decision log.",
        path=_path(first),
        rule_index=first.rule_index,
        about=str(first.host.provider),
        examples=tuple(each.examples[0] for each in group),
    )


def _instead(examples: tuple[Example, ...]) -> str:
    by_decision: dict[Decision, list[Example]] = {}
    for each in examples:
        by_decision.setdefault(each.decision, []).append(each)
    ways = "; ".join(f"{decision_words(decision)} for {_apps(there)}" for decision, there in by_decision.items())
    if all(decision.action is Action.TUNNEL_PROXY for decision in by_decision):
        return f"goes through the tunnel to a proxy, whose address the provider sees: {ways}"
    return f"does not go through the tunnel: {ways}"


def _apps(examples: list[Example]) -> str:
    by_apps: dict[tuple[str, ...], list[Platform]] = {}
    for platform in dict.fromkeys(each.flow.platform for each in examples):
        apps = tuple(app_words(each.flow.app) for each in examples if each.flow.platform is platform)
        by_apps.setdefault(apps, []).append(platform)
    return ", ".join(f"{listed(apps)} on {platforms_words(platforms)}" for apps, platforms in by_apps.items())


def _class_words(entry: LoginHost) -> str:
    if entry.path is PathClass.STRICT_CAE:
        return " (matters only where strict location enforcement is on)"
    return "" if entry.sure is Sure.DOCUMENTED else f" (that the address is judged there is {entry.sure})"


def _severity(subject: Subject, missed: _Missed) -> Severity:
    entry = missed.host.entry
    if entry.path is PathClass.NEVER:
        return Severity.NOTE
    if entry.path is PathClass.STRICT_CAE:
        return Severity.WARNING
    if entry.sure is Sure.DOCUMENTED:
        return Severity.WARNING if _only_unnamed_apps(subject, missed) else Severity.ERROR
    if Endpoint.TOKEN in entry.endpoints and entry.sure in (Sure.RECORDED, Sure.INFERRED):
        return Severity.WARNING
    return Severity.NOTE


def _only_unnamed_apps(subject: Subject, missed: _Missed) -> bool:
    """Whether every app that a rule names is fine, in a set that does not say which apps carry its profile."""
    named = any(app is not None for each in missed.examples for app in subject.universe.apps(each.flow.platform))
    return named and all(each.flow.app is None for each in missed.examples)


def _path(missed: _Missed) -> KeyPath:
    return ("default",) if missed.rule_index is None else ("rules", missed.rule_index)


CHECK = Check(
    id="DTR201",
    name="login-host-not-tunnelled",
    severities=(Severity.ERROR, Severity.WARNING, Severity.NOTE),
    what="A login host of a named identity provider does not go through the tunnel, for some platform and app; token "
    "and device endpoints included.",
    why="The provider judges the address that it sees. Where one of its hosts goes round the tunnel, a compliant "
    "device is refused, or, if the sign-in policy was loosened for that, any device is admitted. An error where it "
    "is documented that the address is judged there; a warning or note where that is only inferred or listed, or "
    "where only apps that the file does not name are concerned.",
    fix="Name the host, exactly, in a tunnel rule for these platforms and apps. `--hosts strict-cae` and `--hosts "
    "never` show the other two classes.",
    find=_find,
    needs_provider=True,
)
