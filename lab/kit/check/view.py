"""What the check of a file found, for people and as one JSON document (version 1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from dtr_rules.lint.finding import Severity
from lab.kit.check.checking import Checked
from lab.report.plain import plain

_STYLES: Final = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold cyan"}


def show(checked: Checked, console: Console) -> None:
    """Findings in the manner of a compiler, each with its fix, then a summary."""
    for each in checked.findings:
        severity = (each.severity.value, _STYLES[each.severity])
        console.print(
            Text.assemble(f"{plain(str(each.place))}: ", severity, f": {plain(each.message)}"), soft_wrap=True
        )
        source = f"  [{plain(each.source)}]" if each.source else ""
        console.print(Text.assemble("  fix: ", plain(each.fix), (source, "dim")), soft_wrap=True)
    counts = [(severity, sum(each.severity is severity for each in checked.findings)) for severity in Severity]
    words = ", ".join(f"{count} {severity}{'' if count == 1 else 's'}" for severity, count in counts if count)
    line = f"{plain(checked.file)}: {checked.kind}: {words or 'nothing found'}"
    console.print(Text(line, "bold" if words else "bold green"), soft_wrap=True)


def document(checked: Iterable[Checked]) -> dict[str, Any]:
    """`{"v": 1, "files": [{"file", "kind", "findings": [FINDING]}]}`.

    FINDING is `{"severity", "line", "column", "message", "fix", "source"}`.
    """
    return {"v": 1, "files": [_file(each) for each in checked]}


def _file(checked: Checked) -> dict[str, Any]:
    return {
        "file": checked.file,
        "kind": checked.kind,
        "findings": [
            {
                "severity": each.severity.value,
                "line": each.place.line,
                "column": each.place.column,
                "message": each.message,
                "fix": each.fix,
                "source": each.source,
            }
            for each in checked.findings
        ],
    }
