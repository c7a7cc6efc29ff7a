"""DTR303: `*` as a destination of a rule."""

from __future__ import annotations

from dtr_rules.destinations import NamePattern
from dtr_rules.lint.check import Check, Found, Subject
from dtr_rules.lint.examples import flow_to
from dtr_rules.lint.finding import Finding, Severity
from dtr_rules.lint.words import rule_words, written


def _find(subject: Subject) -> Found:
    for index, rule in enumerate(subject.rule_set.rules):
        for position, destination in enumerate(rule.destinations):
            if not (isinstance(destination.target, NamePattern) and destination.target.is_everything):
                continue
            flow = flow_to(subject.universe, rule, destination)
            yield Finding(
                severity=Severity.WARNING,
                message=f"{rule_words(subject.rule_set, index)} has '{written(destination)}' as a destination, which "
                f"belongs to the default action; the UEM console does not take it in a rule",
                fix="Let the default action say it, or name the destinations.",
                path=("rules", index, "to", position),
                rule_index=index,
                about=written(destination),
                examples=() if flow is None else (subject.example(flow),),
            )


CHECK = Check(
    id="DTR303",
    name="star-in-rule",
    severities=(Severity.WARNING,),
    what="A rule with `*` as a destination.",
    why="`*` stands for the default action, which comes last and not for Safari; in a rule the UEM console does not "
    "take it, and no rule behind it decides anything for its apps.",
    fix="Let the default action say it, or name the destinations.",
    find=_find,
)
