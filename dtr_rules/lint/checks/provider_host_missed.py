"""DTR202: a named identity provider's host that the pattern meant for it misses."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from dtr_rules.catalogue.entry import Sure
from dtr_rules.catalogue.login_hosts import Endpoint, PathClass
from dtr_rules.catalogue.providers import NamedHost
from dtr_rules.destinations import Destination, Fit, NamePattern
from dtr_rules.lint.check import Check, Found, Subject
from dtr_rules.lint.finding import Finding, Severity
from dtr_rules.lint.universe import is_tunnelled
from dtr_rules.lint.words import decision_words, rule_words, written
from dtr_rules.model import Action

_LETTERS = 3  # more or fewer than the host has
_ALIKE = 0.9  # difflib's ratio: one or two letters of a host's name


def _find(subject: Subject) -> Found:
    hosts = [
        each
        for each in subject.named_hosts
        if each.entry.path is PathClass.JUDGED
        and Endpoint.TOKEN in each.entry.endpoints
        and each.entry.sure is not Sure.LISTED
    ]
    known = {each.name for each in subject.named_hosts}
    for index, rule in enumerate(subject.rule_set.rules):
        if rule.action is not Action.TUNNEL:
            continue
        for position in range(len(rule.destinations)):
            for host in hosts:
                yield from _misses(subject, host, index, position, known)


def _misses(subject: Subject, host: NamedHost, index: int, position: int, known: set[str]) -> Iterator[Finding]:
    rule_set, rule = subject.rule_set, subject.rule_set.rules[index]
    destination = rule.destinations[position]
    how = _how(destination, host, known, apex=rule_set.wildcard_matches_apex)
    if how is None:
        return
    flow = subject.universe.flow_for(rule, host.example)
    decision = subject.decide(flow)
    if is_tunnelled(decision):
        return
    why, severity = how
    yield Finding(
        severity=severity,
        message=f"'{written(destination)}' of {rule_words(rule_set, index)} {why}; {host.name} gets "
        f"{decision_words(decision)}",
        fix=f'Write "{host.name}" instead.',
        path=("rules", index, "to", position),
        rule_index=index,
        about=written(destination),
        examples=(subject.example(flow),),
    )


def _how(destination: Destination, host: NamedHost, known: set[str], *, apex: bool) -> tuple[str, Severity] | None:
    fit = destination.fit(host.example, 443, wildcard_matches_apex=apex)
    if fit is Fit.APEX:
        return f"does not match {host.name} itself, only what lies below it", Severity.ERROR
    if fit is Fit.OTHER_PORT:
        return f"matches {host.name} only on port {destination.ports}", Severity.ERROR
    if fit is Fit.NO and isinstance(destination.target, NamePattern) and _typo(destination.target, host, known):
        return f"looks like {host.name}, but does not match it", Severity.WARNING
    return None


def _typo(pattern: NamePattern, host: NamedHost, known: set[str]) -> bool:
    literal = pattern.literal.strip(".")
    if literal in known or literal == host.name or pattern.open_end:
        return False
    if abs(len(literal) - len(host.name)) > _LETTERS:
        return False
    return difflib.SequenceMatcher(None, literal, host.name, autojunk=False).ratio() >= _ALIKE


CHECK = Check(
    id="DTR202",
    name="provider-host-missed",
    severities=(Severity.ERROR, Severity.WARNING),
    what="A pattern meant for a named identity provider's host misses it: `*.tenant.okta.com` and the org itself, "
    "another port, a slip of the pen.",
    why="`*.acme.okta.com` matches what lies below acme.okta.com, and an Okta org answers on acme.okta.com itself.",
    fix="Write the exact host.",
    find=_find,
    needs_provider=True,
)
