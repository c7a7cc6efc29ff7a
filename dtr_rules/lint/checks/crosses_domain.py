"""DTR302: patterns that match hosts of more than one owner."""

from __future__ import annotations

from collections.abc import Iterator

from dtr_rules.destinations import NamePattern
from dtr_rules.lint.check import Check, Found, Subject
from dtr_rules.lint.examples import flow_to
from dtr_rules.lint.finding import Example, Finding, Severity
from dtr_rules.lint.reach import Crossing, crossing, look_alike
from dtr_rules.lint.words import written


def _find(subject: Subject) -> Found:
    for index, rule in enumerate(subject.rule_set.rules):
        for position, destination in enumerate(rule.destinations):
            target = destination.target
            if not isinstance(target, NamePattern) or look_alike(target) is not None:
                continue
            found = crossing(target)
            if found is not None:
                yield from _finding(subject, index, position, found)


def _finding(subject: Subject, index: int, position: int, found: Crossing) -> Iterator[Finding]:
    rule = subject.rule_set.rules[index]
    destination = rule.destinations[position]
    flow = flow_to(subject.universe, rule, destination, found.host)
    decision = None if flow is None else subject.decide(flow)
    if flow is None or decision is None or decision.rule_index != index:
        return
    yield Finding(
        severity=Severity.WARNING,
        message=f"'{written(destination)}' matches hosts of {found.whom}, such as {found.host}",
        fix="Name the hosts or the domains that are meant.",
        path=("rules", index, "to", position),
        rule_index=index,
        about=written(destination),
        examples=(Example(flow, decision),),
    )


CHECK = Check(
    id="DTR302",
    name="crosses-domain",
    severities=(Severity.WARNING,),
    what="A pattern that crosses a registrable domain (Public Suffix List) or a tenant suffix (a list of our own, "
    "with okta.com): `*com`, `*okta*`, `login*`, `*.okta.com`, `*.windows.net`.",
    why="It matches hosts of different owners, strangers among them: everybody can have an Okta org, a storage account "
    "below windows.net, or a domain that starts with the right word.",
    fix="Name the hosts or the domains that are meant.",
    find=_find,
)
