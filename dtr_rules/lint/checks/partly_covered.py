"""DTR103: a rule from which earlier rules with a different action take a part."""

from __future__ import annotations

from collections.abc import Sequence

from dtr_rules.analysis import NotDecided, Overlap, Standing
from dtr_rules.lint.check import MANY_RULES, Check, Found, Subject
from dtr_rules.lint.finding import Finding, Severity, Undecided
from dtr_rules.lint.words import action_words, decision_words, one_or, rule_words, rules_words, written
from dtr_rules.model import Action


def _find(subject: Subject) -> Found:
    never = {(index, destination) for index, destination, _ in subject.never_deciding}  # of DTR101 and DTR102
    by_later: dict[tuple[int, bool], list[Overlap]] = {}
    for overlap in subject.overlapping:
        if isinstance(overlap, NotDecided):
            yield Undecided(f"which rules take a part from later ones: {overlap.why}")
        elif (
            (overlap.later, None) not in never
            and (overlap.later, overlap.later_destination) not in never
            and subject.rule_set.rules[overlap.later].action is not Action.WEB_PROXY
        ):
            by_later.setdefault((overlap.later, _is_exception(subject, overlap)), []).append(overlap)
    for (later, exception), overlaps in by_later.items():
        yield _finding(subject, later, overlaps, exception=exception)
    if len(subject.rule_set.rules) > MANY_RULES:
        what = "which patterns only cross, as 'login*' and '*.example.com' do"
        yield Undecided(f"{what}: not looked for in more than {MANY_RULES} rules")


def _is_exception(subject: Subject, overlap: Overlap) -> bool:
    """Whether the earlier rule lies inside the later one where they meet, as an exception before a general rule."""
    earlier, later = subject.rule_set.rules[overlap.earlier], subject.rule_set.rules[overlap.later]
    inside = overlap.standing is Standing.INSIDE
    return inside and earlier.platforms <= later.platforms and (later.apps is None or earlier.apps == later.apps)


def _finding(subject: Subject, later: int, overlaps: Sequence[Overlap], *, exception: bool) -> Finding:
    rule_set, rule = subject.rule_set, subject.rule_set.rules[later]
    shown = subject.example(overlaps[0].example)
    by = [each.earlier for each in overlaps]
    message = (
        f"{rules_words(rule_set, by)} {one_or('takes', 'take', by)} a part from {rule_words(rule_set, later)}: "
        f"{shown.flow.host} gets {decision_words(shown.decision)} instead of {action_words(rule)}"
    )
    if exception:
        message += ", as an exception before a more general rule does"
    return Finding(
        severity=Severity.NOTE if exception else Severity.WARNING,
        message=message,
        fix="Nothing, if the exception is meant; a test beside the rules would say so."
        if exception
        else "Make one of the two narrower, or change their order; then write a test for the example flow.",
        path=("rules", later, "to", overlaps[0].later_destination),
        rule_index=later,
        about=written(rule.destinations[overlaps[0].later_destination]),
        examples=(shown, *(subject.example(each.example) for each in overlaps[1:_MOST])),
    )


_MOST = 10  # example flows of one finding

CHECK = Check(
    id="DTR103",
    name="partly-covered",
    severities=(Severity.WARNING, Severity.NOTE),
    what="A rule from which earlier rules with a different action take a part.",
    why="For the hosts that both match, the earlier rule decides. Where the earlier rule lies inside the later one it "
    "is an exception, which is how rule sets are written, and the finding is a note. That a name may resolve into a "
    "range of an earlier rule is left to DTR107.",
    fix="Make one of the two narrower, or change their order; a test beside the rules says which was meant.",
    find=_find,
)
