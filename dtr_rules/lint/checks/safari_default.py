"""DTR305: a default action that Safari does not follow."""

from __future__ import annotations

from dtr_rules.apps import SAFARI
from dtr_rules.hosts import Name
from dtr_rules.lint.check import Check, Found, Subject
from dtr_rules.lint.examples import UNNAMED
from dtr_rules.lint.finding import Example, Finding, Severity
from dtr_rules.lint.words import platforms_words
from dtr_rules.model import Action
from dtr_rules.reasons import DecisionReason


def _find(subject: Subject) -> Found:
    default = subject.rule_set.default
    if default is Action.BYPASS:
        return
    shown = [
        example
        for platform, safari in SAFARI.items()
        if platform in subject.universe.platforms
        for host in UNNAMED
        if (example := Example(*subject.universe.decide(platform, safari, Name(host)))).decision.reason
        is DecisionReason.SAFARI_HAS_NO_DEFAULT
    ]
    if not shown:
        return
    platforms = platforms_words(each.flow.platform for each in shown)
    yield Finding(
        severity=Severity.WARNING,
        message=f"the default action ({default}) does not apply to Safari: on {platforms} what no rule "
        "names goes direct",
        fix="Name what has to go another way in a rule that is for Safari, too.",
        path=("default",),
        examples=tuple(shown),
    )


CHECK = Check(
    id="DTR305",
    name="safari-default",
    severities=(Severity.WARNING,),
    what="The default action is not bypass, and does not apply to Safari.",
    why="The product applies the default action to all applications except Safari. A set that blocks or tunnels by "
    "default leaves Safari's traffic direct.",
    fix="Name what has to go another way in a rule that is for Safari, too.",
    find=_find,
)
