"""DTR101: a rule that can never decide, because earlier rules match all that it matches."""

from __future__ import annotations

from dtr_rules.analysis import Covered, NotDecided
from dtr_rules.lint.check import Check, Found, Subject
from dtr_rules.lint.examples import flow_to_itself
from dtr_rules.lint.finding import Finding, Severity, Undecided
from dtr_rules.lint.words import action_words, decision_words, one_or, rule_words, rules_words
from dtr_rules.model import Action


def _find(subject: Subject) -> Found:
    for index, destination_index, answer in subject.never_deciding:
        if isinstance(answer, NotDecided):
            yield Undecided(f"whether {rule_words(subject.rule_set, index)} can ever decide: {answer.why}", index)
        elif destination_index is None and not _is_web_proxy(subject, index, answer):
            yield _finding(subject, index, answer)


def _is_web_proxy(subject: Subject, index: int, covered: Covered) -> bool:
    """Whether DTR104 speaks of it."""
    return subject.rule_set.rules[index].action is Action.WEB_PROXY and covered.different is not None


def _finding(subject: Subject, index: int, covered: Covered) -> Finding:
    rule_set, rule = subject.rule_set, subject.rule_set.rules[index]
    if not covered.by:
        return _fits_nothing(subject, index)
    shown = subject.example(covered.different or covered.by[0].example)
    by = rules_words(rule_set, covered.rules)
    matches, does = one_or("matches", "match", covered.rules), one_or("does", "do", covered.rules)
    message = f"{rule_words(rule_set, index)} can never decide: {by} before it {matches} all that it matches, "
    message += f"and {does} "
    if covered.different is None:
        message += "the same"
    else:
        message += f"something else: {decision_words(shown.decision)} instead of {action_words(rule)}"
    different = covered.different is not None
    return Finding(
        severity=Severity.ERROR if different else Severity.NOTE,
        message=message,
        fix=f"Move the rule above {by}, or remove it." if different else "Remove the rule.",
        path=("rules", index),
        rule_index=index,
        examples=(shown, *(subject.example(each.example) for each in covered.by)),
    )


def _fits_nothing(subject: Subject, index: int) -> Finding:
    rule = subject.rule_set.rules[index]
    flows = [flow for each in rule.destinations if (flow := flow_to_itself(subject.universe, rule, each))]
    return Finding(
        severity=Severity.ERROR,
        message=f"{rule_words(subject.rule_set, index)} can never decide: nothing that it matches comes to the rules",
        fix="Remove the rule; the device itself (loopback) is always reached directly.",
        path=("rules", index),
        rule_index=index,
        examples=tuple(subject.example(flow) for flow in flows[:1]),
    )


CHECK = Check(
    id="DTR101",
    name="rule-never-decides",
    severities=(Severity.ERROR, Severity.NOTE),
    what="A rule that can never decide: earlier rules match all that it matches.",
    why="The first rule that matches decides. Where the earlier rules do something else it is an error, because "
    "what the rule asks for never happens; where they do the same it is a note. It is proved, not sampled.",
    fix="Move the rule above those that cover it, or remove it.",
    find=_find,
)
