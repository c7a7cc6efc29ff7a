"""What came of tests, for people: every failure with what was expected, what came, and the whole explanation."""

from __future__ import annotations

import io
from collections import Counter

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table

from dtr_rules.characters import printable
from dtr_rules.explain import explain
from dtr_rules.explanation_view import rendered
from dtr_rules.outcomes import Outcome, SuiteOutcome
from dtr_rules.terminal import styled

_EXPLAINED = 3  # cases of one table: the same rule is usually behind all of them
_REPORT_WIDTH = 120


def show(ran: SuiteOutcome, console: Console, *, every: bool) -> None:
    """Print the failures of `ran`, with `every` the tests that passed, too, and the counts."""
    explained: Counter[object] = Counter()
    for outcome in ran.outcomes:
        if outcome.passed:
            if every:
                console.print(styled("ok    ", "green").append_text(styled(_headline(outcome))), soft_wrap=True)
            continue
        console.print(styled("FAIL  ", "bold red").append_text(styled(_headline(outcome), "bold")), soft_wrap=True)
        console.print(Padding(_compared(outcome), (0, 0, 0, 6), expand=False))
        explained[outcome.place] += 1
        if explained[outcome.place] <= _EXPLAINED:
            console.print(Padding(_explanation(ran, outcome), (1, 0, 1, 6), expand=False))
    console.print(_counts(ran), soft_wrap=True)
    if more := sum(max(0, count - _EXPLAINED) for count in explained.values()):
        text = f"  {more} failures of the same tables stand above without their explanation; --json has them all"
        console.print(styled(text, "dim"), soft_wrap=True)


def counts(passed: int, failed: int) -> str:
    """`5 passed`, `4 passed, 1 failed`, `no tests`."""
    parts = [f"{number} {word}" for number, word in ((passed, "passed"), (failed, "failed")) if number]
    return ", ".join(parts) or "no tests"


def in_plain_text(ran: SuiteOutcome, outcome: Outcome) -> str:
    """A failure as a report holds it: place, difference and explanation, without colours."""
    text = io.StringIO()
    console = Console(file=text, width=_REPORT_WIDTH, no_color=True, markup=False, emoji=False, highlight=False)
    console.print(styled(_headline(outcome)), soft_wrap=True)
    console.print(_compared(outcome), styled(""), _explanation(ran, outcome))
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def _headline(outcome: Outcome) -> str:
    return f"{outcome.place}: {outcome.test.name}"


def _counts(ran: SuiteOutcome) -> RenderableType:
    failed = len(ran.failures)
    text = counts(len(ran.outcomes) - failed, failed)
    style = "bold red" if failed else "bold green" if ran.outcomes else "bold yellow"
    return styled(f"{ran.suite.path}: ").append(printable(text), style=style)


def _compared(outcome: Outcome) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    table.add_row("expected", styled(outcome.expected))
    table.add_row("got", styled(outcome.got))
    return table


def _explanation(ran: SuiteOutcome, outcome: Outcome) -> RenderableType:
    return rendered(explain(ran.suite.file.rule_set, outcome.test.flow))
