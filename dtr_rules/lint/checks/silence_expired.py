"""DTR901: a silence whose last day has passed."""

from __future__ import annotations

from dtr_rules.lint.check import Check, Found, Subject
from dtr_rules.lint.finding import Finding, Severity


def _find(subject: Subject) -> Found:
    for silence in subject.file.silences:
        if silence.expired(subject.today):
            yield Finding(
                severity=Severity.WARNING,
                message=f"the silence of {silence.finding} ended on {silence.until}; {silence.owner} answers for it: "
                f"{silence.reason}",
                fix="Mend what it silenced, or agree on a new last day.",
                path=("silence", silence.index, "until"),
                about=silence.finding,
            )


CHECK = Check(
    id="DTR901",
    name="silence-expired",
    severities=(Severity.WARNING,),
    what="A silence whose last day has passed; what it silenced shows again.",
    why="A silence is a promise to come back to it.",
    fix="Mend what it silenced, or agree on a new last day with its owner.",
    find=_find,
)
