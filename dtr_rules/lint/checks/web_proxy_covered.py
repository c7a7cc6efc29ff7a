"""DTR104: a web-proxy rule (certificate proxy of mobile single sign-on) that an earlier rule covers."""

from __future__ import annotations

from dtr_rules.analysis import Covered, Overlap
from dtr_rules.lint.check import Check, Found, Subject
from dtr_rules.lint.finding import Finding, Severity
from dtr_rules.lint.words import decision_words, rule_words
from dtr_rules.model import Action, Flow


def _find(subject: Subject) -> Found:
    rules = subject.rule_set.rules
    seen: set[tuple[int, int]] = set()
    for overlap in subject.overlapping:
        if isinstance(overlap, Overlap) and rules[overlap.later].action is Action.WEB_PROXY:
            seen.add((overlap.earlier, overlap.later))
            yield _finding(subject, overlap.earlier, overlap.later, overlap.example)
    for later, destination, answer in subject.never_deciding:
        if destination is not None or not isinstance(answer, Covered) or rules[later].action is not Action.WEB_PROXY:
            continue
        flow = answer.different
        earlier = None if flow is None else subject.decide(flow).rule_index
        if flow is not None and earlier is not None and (earlier, later) not in seen:
            yield _finding(subject, earlier, later, flow)


def _finding(subject: Subject, earlier: int, later: int, flow: Flow) -> Finding:
    rule_set = subject.rule_set
    shown = subject.example(flow)
    return Finding(
        severity=Severity.ERROR,
        message=f"{rule_words(rule_set, later)} sends to a web proxy, but {rule_words(rule_set, earlier)} comes "
        f"before it: {flow.host} gets {decision_words(shown.decision)}, and mobile single sign-on never sees "
        "it",
        fix=f"Move {rule_words(rule_set, later)} above {rule_words(rule_set, earlier)}.",
        path=("rules", later),
        rule_index=later,
        about=str(flow.host),
        examples=(shown,),
    )


CHECK = Check(
    id="DTR104",
    name="web-proxy-covered",
    severities=(Severity.ERROR,),
    what="A web-proxy rule that an earlier rule with a different action covers, wholly or in part.",
    why="Android mobile single sign-on sends the certificate request to a web proxy. If another rule takes the "
    "request first, the certificate is never asked for and the sign-in fails.",
    fix="Move the web-proxy rule above the other.",
    find=_find,
)
