"""Run the checks over a rule set file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dtr_rules.evaluate import evaluate
from dtr_rules.lint import silence_unused
from dtr_rules.lint.check import Check, Subject
from dtr_rules.lint.finding import Finding, Reported, Severity, Undecided
from dtr_rules.lint.registry import CHECKS
from dtr_rules.lint.silence import Silence

_CONFIRMED = 2_000_000  # destinations looked at by the reference engine, about two seconds
_GRAVITY = {severity: rank for rank, severity in enumerate(Severity)}


class UnconfirmedError(AssertionError):
    """An example flow that the reference engine decides otherwise: a defect of this program."""


@dataclass(frozen=True, slots=True)
class Report:
    """What lint found in one file."""

    subject: Subject
    findings: tuple[Reported, ...]
    """Findings that nothing silences, in the order of the file, the gravest first at one place."""
    silenced: tuple[Reported, ...]
    """Findings that the file silences."""
    undecided: tuple[Undecided, ...]
    not_run: tuple[Check, ...]
    """Checks that need an identity provider where none was named."""

    def fails(self, *, strict: bool = False) -> bool:
        """Whether there is an error or a warning; with `strict` a note or something undecided counts, too."""
        grave = any(each.severity is not Severity.NOTE for each in self.findings)
        return grave or (strict and bool(self.findings or self.undecided))


def lint(subject: Subject, checks: Iterable[Check] = CHECKS) -> Report:
    """Everything that `checks` find in the subject's file."""
    wanted = tuple(checks)
    run = tuple(check for check in wanted if subject.providers or not check.needs_provider)
    found: list[tuple[Check, Finding]] = []
    undecided: list[Undecided] = []
    for check in run:
        for each in check.find(subject):
            if isinstance(each, Undecided):
                undecided.append(each)
            else:
                found.append((check, each))
    _confirm(subject, [finding for _, finding in found])
    reported = [_reported(subject, check.id, check.name, finding) for check, finding in found]
    reported += _unused(subject, reported, run)
    return Report(
        subject=subject,
        findings=tuple(sorted((each for each in reported if each.silence is None), key=_order)),
        silenced=tuple(sorted((each for each in reported if each.silence is not None), key=_order)),
        undecided=tuple(undecided),
        not_run=tuple(check for check in wanted if check not in run),
    )


def _confirm(subject: Subject, findings: list[Finding]) -> None:
    """Hold the example flows against the reference engine: all of them, unless the set is so large that it would
    take seconds; then the first ones. The index is proved equal to it in tests."""
    size = sum(len(rule.destinations) for rule in subject.rule_set.rules) + 1
    for finding in findings[: max(20, _CONFIRMED // size)]:
        for shown in finding.examples[:1]:
            if evaluate(subject.rule_set, shown.flow) != shown.decision:
                raise UnconfirmedError(f"{finding.message}: the reference engine decides {shown.flow} otherwise")


def _reported(subject: Subject, check_id: str, name: str, finding: Finding) -> Reported:
    index = finding.rule_index
    rule = None if index is None else subject.rule_set.rules[index].name
    place = subject.file.source.place(*finding.path)
    return Reported(check_id, name, finding, place, rule, _silence(subject, check_id, rule, finding.about))


def _silence(subject: Subject, check_id: str, rule: str | None, about: str | None) -> Silence | None:
    standing = (each for each in subject.file.silences if not each.expired(subject.today))
    return next((each for each in standing if each.covers(check_id, rule, about)), None)


def _unused(subject: Subject, reported: list[Reported], run: tuple[Check, ...]) -> list[Reported]:
    known = frozenset({*(check.id for check in CHECKS), silence_unused.ID})
    asked = {check.id for check in run}
    idle = tuple(
        silence
        for silence in subject.file.silences
        if not silence.expired(subject.today)
        and (silence.finding in asked or silence.finding not in known)
        and not any(silence.covers(each.id, each.rule, each.finding.about) for each in reported)
    )
    findings = silence_unused.unused(idle, known)
    return [_reported(subject, silence_unused.ID, silence_unused.NAME, finding) for finding in findings]


def _order(each: Reported) -> tuple[int, int, int, str]:
    return each.place.line, each.place.column, _GRAVITY[each.severity], each.id
