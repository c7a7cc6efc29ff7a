"""A report as GitHub annotations: workflow commands on stdout, one line for each finding."""

from __future__ import annotations

from collections.abc import Iterator

from dtr_rules.lint.finding import Reported, Severity
from dtr_rules.lint.flow_option import as_command
from dtr_rules.lint.run import Report

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def workflow_commands(report: Report) -> Iterator[str]:
    """The lines to print."""
    for each in report.findings:
        place = f"file={_property(each.place.file)},line={each.place.line},col={each.place.column}"
        title = _property(f"{each.id} {each.name}")
        yield f"::{_COMMANDS[each.severity]} {place},title={title}::{_data(_text(each))}"
    for undecided in report.undecided:
        yield f"::notice file={_property(report.subject.file.source.file)},title=not decided::{_data(undecided.what)}"


def _text(each: Reported) -> str:
    finding = each.finding
    example = "" if finding.example is None else f"\nExample flow: {as_command(finding.example.flow)}"
    return f"{finding.message}\nFix: {finding.fix}{example}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
