"""What the page shows of runs: everything that its templates need, in the order in which they need it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lab.record import Check, Decision, Login, Run, Step
from lab.report.page import summary
from lab.report.page.drawing import NARROW, WIDE, draw
from lab.report.page.parties import Parties
from lab.report.page.sequence import Arrow, Event, Sequence, sequence_of
from lab.report.page.tone import Tone, end_words, tone_of_outcome
from lab.report.page.zone_history import History, histories_of


@dataclass(frozen=True, slots=True)
class LoginView:
    """A login: `pictures` are SVG, `words` are what they show, line by line."""

    login: Login
    tone: Tone
    ended: str
    headline: str
    explanation: str
    surface: str
    pictures: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A line of the gateway's decision log, and the login that it belongs to."""

    login: Login
    decision: Decision

    @property
    def did(self) -> str:
        return "admitted" if self.decision.admitted else "refused"


@dataclass(frozen=True, slots=True)
class StepView:
    """A step with the logins that it caused and what was expected of it."""

    step: Step
    logins: tuple[Login, ...]
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class RunView:
    """A run. `anchor` is its place in the page."""

    anchor: str
    run: Run
    tone: Tone
    verdict: str
    in_short: str
    logins: tuple[LoginView, ...]
    decisions: tuple[DecisionRow, ...]
    histories: tuple[History, ...]
    steps: tuple[StepView, ...]

    @property
    def mark(self) -> str:
        return self.tone.mark

    def clock(self, time: datetime) -> str:
        """The time of day; with its date, where that is not the day on which the run began."""
        same_day = time.date() == self.run.started.date()
        return time.strftime("%H:%M:%S" if same_day else "%Y-%m-%d %H:%M:%S")


def views_of(runs: Iterable[Run]) -> tuple[RunView, ...]:
    """The runs, in their order."""
    return tuple(_run(run, f"run-{number}") for number, run in enumerate(runs, start=1))


def _run(run: Run, anchor: str) -> RunView:
    parties = Parties.of(run)
    return RunView(
        anchor=anchor,
        run=run,
        tone=Tone.GOOD if run.as_expected else Tone.BAD,
        verdict=summary.verdict_of(run),
        in_short=summary.logins_in_short(run),
        logins=tuple(_login(login, parties, f"{anchor}-login-{login.number}") for login in run.logins),
        decisions=tuple(DecisionRow(login, decision) for login in run.logins for decision in login.decisions),
        histories=histories_of(run),
        steps=tuple(_step(step, run) for step in run.steps),
    )


def _login(login: Login, parties: Parties, anchor: str) -> LoginView:
    sequence = sequence_of(login, parties)
    headline, words = summary.headline_of(login), tuple(_words(event, sequence) for event in sequence.events)
    title = f"Sequence diagram: {headline}: {end_words(login.outcome)}"
    return LoginView(
        login=login,
        tone=tone_of_outcome(login.outcome),
        ended=end_words(login.outcome),
        headline=headline,
        explanation=summary.explanation_of(login, parties),
        surface=summary.surface_of(login),
        pictures=tuple(
            draw(sequence, geometry, ident=f"{anchor}-{geometry.name}", title=title, description=". ".join(words))
            for geometry in (WIDE, NARROW)
        ),
        words=words,
    )


def _words(event: Event, sequence: Sequence) -> str:
    """One event as a sentence without its full stop."""
    if isinstance(event, Arrow):
        way = f"{sequence.title_of(event.start)} to {sequence.title_of(event.end)}"
        stopped = "and does not arrive" if event.stopped else ""
        return f"{way}: {'; '.join(filter(None, (event.words, event.reason, stopped)))}"
    return "; ".join((event.words, *event.lines))


def _step(step: Step, run: Run) -> StepView:
    return StepView(
        step,
        tuple(login for login in run.logins if login.step == step.number),
        tuple(check for check in run.checks if check.step == step.number),
    )
