"""The history of the lists that admit egress addresses: who wrote what, and when it counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lab.record import Run, ZoneMoment


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of a list at a moment. `change` is what became of it since the moment before, `counts` whether sign-ins
    are judged by it."""

    entry: str
    change: str
    counts: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """A list when it had changed. `cause` is the step after which it was found so; `counted` says when it counted."""

    time: datetime
    cause: str
    written_by: str
    lines: tuple[Line, ...]
    counted: str

    @property
    def changed(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.change)


@dataclass(frozen=True, slots=True)
class History:
    """One list. `kind` is `network zone` or `named location`."""

    kind: str
    name: str
    moments: tuple[Moment, ...]


def histories_of(run: Run) -> tuple[History, ...]:
    """The history of each list, in the order in which the record begins with them."""
    lists = dict.fromkeys((moment.kind, moment.name) for moment in run.zones)
    return tuple(History(kind, name, _moments(run, kind, name)) for kind, name in lists)


def _moments(run: Run, kind: str, name: str) -> tuple[Moment, ...]:
    found = [moment for moment in run.zones if (moment.kind, moment.name) == (kind, name)]
    causes = {step.number: f"After step {step.number}: {step.words}" for step in run.steps}
    return tuple(
        Moment(
            time=moment.time,
            cause=causes.get(moment.step, "Before the first step"),
            written_by=moment.written_by,
            lines=_lines(moment, found[number - 1] if number else None),
            counted=_counted(found, number),
        )
        for number, moment in enumerate(found)
    )


def _lines(moment: ZoneMoment, before: ZoneMoment | None) -> tuple[Line, ...]:
    stood = moment.entries if before is None else before.entries
    standing = [Line(entry, "" if entry in stood else "added", entry in moment.in_force) for entry in moment.entries]
    gone = dict.fromkeys([*stood, *moment.in_force])
    removed = [Line(entry, "removed", entry in moment.in_force) for entry in gone if entry not in moment.entries]
    return (*standing, *removed)


def _counted(moments: Sequence[ZoneMoment], number: int) -> str:
    """When what was written at a moment was what sign-ins were judged by."""
    moment = moments[number]
    if set(moment.entries) == set(moment.in_force):
        return "counts"
    for later in moments[number + 1 :]:
        if set(later.entries) != set(moment.entries):
            break
        if set(later.in_force) == set(moment.entries):
            seconds = (later.time - moment.time).total_seconds()
            return f"does not count yet; counted after step {later.step}, {seconds:.0f} s later"
    return "does not count yet"
