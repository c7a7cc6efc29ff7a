"""What a person sees of scenarios while they are played, and what came of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from lab.record import Check, Login, Run, Step
from lab.report.plain import plain
from lab.runner.reading import Scenario

_SAID = 12
"""Lines of a program's words that are shown below an expectation that it did not meet; the record has all."""


class Quiet:
    """One line for each scenario that has ended, and below it what was not as expected."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def begins(self, scenario: Scenario) -> None: ...

    def step(self, scenario: Scenario, number: int, words: str) -> None: ...

    def done(self, scenario: Scenario, step: Step, logins: Iterable[Login], checks: Iterable[Check]) -> None: ...

    def ended(self, _scenario: Scenario, run: Run) -> None:
        self._print(
            _mark(run.as_expected), (plain(run.scenario), "bold"), f"  {plain(run.title)}", _seconds(run.seconds)
        )
        for check in run.unmet:
            self._print("    ", (plain(str(check)), "red"))
        for step in run.steps:
            if step.said and any(check.step == step.number for check in run.unmet):
                for line in step.said[-_SAID:]:
                    self._print("      ", (plain(line), "dim"))
        if run.failure:
            self._print("    ", (plain(run.failure), "red"))

    def _print(self, *parts: str | tuple[str, str]) -> None:
        self._console.print(Text.assemble(*parts), soft_wrap=True)


class Watching(Quiet):
    """Every step and every login as it happens. With `named`, each line says of which scenario it is."""

    def __init__(self, console: Console, *, named: bool) -> None:
        super().__init__(console)
        self._named = named

    def begins(self, scenario: Scenario) -> None:
        self._tell(scenario, (plain(scenario.content.title), "bold"))

    def step(self, scenario: Scenario, number: int, words: str) -> None:
        self._tell(scenario, (f"{number}. ", "cyan"), plain(words))

    def done(self, scenario: Scenario, step: Step, logins: Iterable[Login], checks: Iterable[Check]) -> None:
        for line in step.said:
            self._tell(scenario, "     ", (plain(line), "dim"))
        for login in logins:
            self._login(scenario, login)
        for check in checks:
            words = f"{check.observer}: {check.what}: {check.expected}"
            words = words if check.met else f"{words}, was {check.was}"
            self._tell(scenario, "   ", _mark(check.met), plain(words))

    def ended(self, scenario: Scenario, run: Run) -> None:
        for sentence in run.learn:
            self._tell(scenario, ("learn: ", "magenta"), plain(sentence))
        for sentence in run.unconfirmed:
            self._tell(scenario, ("not confirmed: ", "yellow"), plain(sentence))
        super().ended(scenario, run)

    def _login(self, scenario: Scenario, login: Login) -> None:
        for each in login.connections:
            left = f" from {each.source}" if each.source else ""
            self._tell(scenario, "     ", plain(f"{each.opened_by} → {each.host}: {each.path}{left}, {each.why}"))
        for decision in login.decisions:
            did = "admitted" if decision.admitted else "refused"
            what = f"{decision.reason} {decision.rule}" if decision.rule else decision.reason
            self._tell(scenario, "     ", plain(f"gateway {did} {decision.host or 'the connection'}: {what}"))
        for entry in login.entries:
            by = f" by {entry.by}" if entry.by else ""
            zone = f" in {entry.zone}" if entry.zone else ""
            line = f"{entry.provider} saw {entry.address}{zone}: {entry.event} {entry.result}{by}"
            self._tell(scenario, "     ", plain(line))
        words = f" ({login.words})" if login.words else ""
        self._tell(scenario, "     ", (plain(f"the app: {login.outcome}{words}"), "bold"))

    def _tell(self, scenario: Scenario, *parts: str | tuple[str, str]) -> None:
        name = [(f"{plain(scenario.name)}: ", "dim")] if self._named else []
        self._print(*name, *parts)


def show_total(runs: Sequence[Run], seconds: float, console: Console) -> None:
    """The last line."""
    good = sum(run.as_expected for run in runs)
    style = "bold green" if good == len(runs) else "bold red"
    noun = "scenario" if len(runs) == 1 else "scenarios"
    console.print(Text(f"{good} of {len(runs)} {noun} as expected, {seconds:.1f} s", style), soft_wrap=True)


def _mark(good: bool) -> tuple[str, str]:
    return ("✓ ", "green") if good else ("✗ ", "bold red")


def _seconds(seconds: float) -> tuple[str, str]:
    return (f"  {seconds:.1f} s", "dim")
