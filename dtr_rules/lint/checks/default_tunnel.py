"""DTR304: everything through the tunnel by default, perhaps by mistake."""

from __future__ import annotations

from dtr_rules.lint.check import Check, Found, Subject
from dtr_rules.lint.examples import decided_by_default
from dtr_rules.lint.finding import Finding, Severity
from dtr_rules.model import Action

_INTO_THE_TUNNEL = (Action.TUNNEL, Action.TUNNEL_PROXY)


def _find(subject: Subject) -> Found:
    rule_set = subject.rule_set
    if rule_set.default not in _INTO_THE_TUNNEL:
        return
    shown = decided_by_default(subject.universe)
    if shown is None:
        return  # rules leave nothing to it
    outside = [rule for rule in rule_set.rules if rule.action not in _INTO_THE_TUNNEL]
    if outside:
        severity, how = Severity.NOTE, "its rules name what stays outside, so that seems to be meant"
    elif rule_set.rules:
        severity, how = Severity.WARNING, "and so does every rule: the rules make no difference"
    else:
        severity, how = Severity.WARNING, "and there is no rule that says otherwise"
    yield Finding(
        severity=severity,
        message=f"the default action is {rule_set.default}: all that no rule names goes through the gateway; {how}",
        fix="Write 'default: bypass' if only the rules' destinations are meant.",
        path=("default",),
        examples=(shown,),
    )


CHECK = Check(
    id="DTR304",
    name="default-tunnel",
    severities=(Severity.WARNING, Severity.NOTE),
    what="The default action is tunnel: everything that no rule names goes through the gateway.",
    why="For sign-ins only login hosts need the tunnel; everything else costs bandwidth, and leaves from the addresses "
    "that the identity providers trust. A note where rules name what stays outside.",
    fix="Write `default: bypass` if only the rules' destinations are meant.",
    find=_find,
)
