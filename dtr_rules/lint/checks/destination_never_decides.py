"""DTR102: a destination that can never decide, in a rule that can."""

from __future__ import annotations

from dtr_rules.analysis import Covered, NotDecided
from dtr_rules.lint.check import Check, Found, Subject
from dtr_rules.lint.examples import flow_to_itself
from dtr_rules.lint.finding import Finding, Severity
from dtr_rules.lint.words import action_words, decision_words, rule_words, rules_words, written


def _find(subject: Subject) -> Found:
    for index, position, answer in subject.never_deciding:
        if position is None or isinstance(answer, NotDecided):
            continue  # DTR101 speaks of whole rules
        destinations = subject.rule_set.rules[index].destinations
        if destinations[position] not in destinations[:position]:  # DTR105 speaks of duplicates
            yield _finding(subject, index, position, answer)


def _finding(subject: Subject, index: int, position: int, covered: Covered) -> Finding:
    rule_set, rule = subject.rule_set, subject.rule_set.rules[index]
    pattern = written(rule.destinations[position])
    if not covered.by:
        return _fits_nothing(subject, index, position)
    shown = subject.example(covered.different or covered.by[0].example)
    message = f"'{pattern}' of {rule_words(rule_set, index)} can never decide: {_by(subject, index, covered)}"
    different = covered.different is not None
    if different:
        message += f"; {shown.flow.host} gets {decision_words(shown.decision)} instead of {action_words(rule)}"
    return Finding(
        severity=Severity.ERROR if different else Severity.NOTE,
        message=message,
        fix="Move the rule up, or remove the destination." if different else "Remove the destination.",
        path=("rules", index, "to", position),
        rule_index=index,
        about=pattern,
        examples=(shown, *(subject.example(each.example) for each in covered.by)),
    )


def _fits_nothing(subject: Subject, index: int, position: int) -> Finding:
    rule = subject.rule_set.rules[index]
    pattern = written(rule.destinations[position])
    flow = flow_to_itself(subject.universe, rule, rule.destinations[position])
    return Finding(
        severity=Severity.ERROR,
        message=f"'{pattern}' of {rule_words(subject.rule_set, index)} can never decide: nothing that it matches comes "
        "to the rules",
        fix="Remove the destination; the device itself (loopback) is always reached directly.",
        path=("rules", index, "to", position),
        rule_index=index,
        about=pattern,
        examples=() if flow is None else (subject.example(flow),),
    )


def _by(subject: Subject, index: int, covered: Covered) -> str:
    earlier = [each for each in covered.rules if each != index]
    own = [
        written(subject.rule_set.rules[each.rule_index].destinations[each.destination_index])
        for each in covered.by
        if each.rule_index == index
    ]
    parts = [rules_words(subject.rule_set, earlier)] if earlier else []
    parts += [f"'{pattern}' of the same rule" for pattern in own]
    return f"{' and '.join(parts)} {'matches' if len(parts) == 1 and len(earlier) < 2 else 'match'} it all before"


CHECK = Check(
    id="DTR102",
    name="destination-never-decides",
    severities=(Severity.ERROR, Severity.NOTE),
    what="A destination that can never decide, in a rule that can.",
    why="Earlier rules, or earlier destinations of its own rule, match all that it matches. Where they do "
    "something else it is an error; where they do the same it is a note. It is proved, not sampled.",
    fix="Move the rule above those that cover the destination, or remove the destination.",
    find=_find,
)
