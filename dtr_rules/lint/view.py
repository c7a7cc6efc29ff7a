"""A report for people: findings in the order of the file, each with its example flow and its fix."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.text import Text

from dtr_rules.characters import printable
from dtr_rules.lint.document import count
from dtr_rules.lint.finding import Reported, Severity
from dtr_rules.lint.flow_option import as_command
from dtr_rules.lint.run import Report
from dtr_rules.lint.words import decision_words
from dtr_rules.terminal import styled

_MARGIN: Final = 12  # columns before the words: the longest label and spaces
_NARROWEST: Final = 20
_STYLES: Final = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold cyan"}


def show(report: Report, console: Console, *, with_silenced: bool = False) -> None:
    """Print `report`."""
    for each in report.findings:
        _show_finding(each, console)
    for each in report.silenced if with_silenced else ():
        _show_finding(each, console)
    for undecided in report.undecided:
        console.print(styled(f"not decided: {undecided.what}", "yellow"))
    for line in _summary(report):
        console.print(line)


def _show_finding(each: Reported, console: Console) -> None:
    text = Text(f"{printable(str(each.place))}: ").append(each.severity, style=_STYLES[each.severity])
    text.append(f" {each.id} {each.name}\n")
    width = max(console.width - _MARGIN, _NARROWEST)
    for label, said in _facts(each):
        for number, line in enumerate(_wrapped(printable(said), width)):
            text.append(f"  {label if number == 0 else '':{_MARGIN - 2}}", style="dim").append(f"{line}\n")
    console.print(text, soft_wrap=True)


def _facts(each: Reported) -> Iterator[tuple[str, str]]:
    finding = each.finding
    yield "", finding.message
    if finding.example is not None:
        yield "example", as_command(finding.example.flow)
        yield "", f"gets {decision_words(finding.example.decision)}"
    yield "fix", finding.fix
    if each.silence is not None:
        yield "silenced", f"until {each.silence.until} by {each.silence.owner}: {each.silence.reason}"


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width`; a rich table would do the same a hundred times slower."""
    return textwrap.wrap(text, width, break_on_hyphens=False) or [""]


def _summary(report: Report) -> Iterator[Text]:
    counts = [(severity, count(report, severity)) for severity in Severity]
    words = [f"{number} {severity}{'' if number == 1 else 's'}" for severity, number in counts if number]
    silenced = f"; {len(report.silenced)} silenced" if report.silenced else ""
    text = f"{report.subject.file.source.file}: {', '.join(words) or 'nothing found'}{silenced}"
    yield styled(text, "bold" if words else "bold green")
    if report.not_run:
        ids = ", ".join(check.id for check in report.not_run)
        yield styled(f"not asked without --idp: {ids}", "dim")
