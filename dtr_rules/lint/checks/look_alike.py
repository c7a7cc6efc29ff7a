"""DTR301: patterns that match look-alikes of the host that they are meant for."""

from __future__ import annotations

from collections.abc import Iterator

from dtr_rules.destinations import NamePattern
from dtr_rules.lint.check import Check, Found, Subject
from dtr_rules.lint.examples import flow_to
from dtr_rules.lint.finding import Example, Finding, Severity
from dtr_rules.lint.reach import LookAlike, look_alike
from dtr_rules.lint.words import written
from dtr_rules.model import Action

_GAINS = {
    Action.TUNNEL: "its owner gets connections from the egress addresses that the identity providers trust, and a "
    "phishing page there is reached like a real login",
    Action.BYPASS: "its owner gets a host that managed apps reach directly, past the gateway and its log: a way out "
    "for data, and for a phishing page",
    Action.BLOCK: "whoever owns a host whose name ends so is cut off from the fleet, and a name chosen to match is a "
    "way to have a service blocked",
    Action.PROXY: "its owner gets connections through the proxy",
    Action.TUNNEL_PROXY: "its owner gets connections through the gateway and its proxy",
    Action.WEB_PROXY: "its owner gets requests that the certificate proxy answers for",
}


def _find(subject: Subject) -> Found:
    for index, rule in enumerate(subject.rule_set.rules):
        for position, destination in enumerate(rule.destinations):
            if isinstance(destination.target, NamePattern):
                found = look_alike(destination.target)
                if found is not None:
                    yield from _finding(subject, index, position, found)


def _finding(subject: Subject, index: int, position: int, found: LookAlike) -> Iterator[Finding]:
    rule = subject.rule_set.rules[index]
    destination = rule.destinations[position]
    flow = flow_to(subject.universe, rule, destination, found.host)
    decision = None if flow is None else subject.decide(flow)
    if flow is None or decision is None or decision.rule_index != index:
        return  # an earlier rule takes it: the pattern cannot do harm
    yield Finding(
        severity=Severity.ERROR if rule.action in (Action.BYPASS, Action.BLOCK) else Severity.WARNING,
        message=f"'{written(destination)}' also matches {found.host}, which {found.how_to_get}: {_GAINS[rule.action]}",
        fix=f'Write the exact host: "{found.meant}"; and "*.{found.meant}" beside it if names below it are meant.',
        path=("rules", index, "to", position),
        rule_index=index,
        about=written(destination),
        examples=(Example(flow, decision),),
    )


CHECK = Check(
    id="DTR301",
    name="look-alike",
    severities=(Severity.ERROR, Severity.WARNING),
    what="A pattern without a dot after its `*` matches look-alikes that a stranger can get: `*acme.okta.com` matches "
    "evilacme.okta.com.",
    why="A stranger registers the domain, or signs up for the tenant, and the rule is then for the stranger's host, "
    "too. With bypass, managed apps reach it past the gateway; with block, a name is enough to have a service cut "
    "off; with tunnel, it sees the egress addresses that the identity providers trust.",
    fix="Write the exact host, and `*.host` beside it if names below it are meant.",
    find=_find,
)
