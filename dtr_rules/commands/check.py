"""`dtr check`: every mistake in rule set files, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dtr_rules.commands.speaking import UNUSABLE, JsonOption, complain, print_json
from dtr_rules.formats import read_any
from dtr_rules.formats.yaml import RuleSetFile
from dtr_rules.source import Mistake, UnusableFileError
from dtr_rules.terminal import styled


@dataclass(frozen=True, slots=True)
class _Checked:
    """One file of `check`: what was read, or what is wrong with it."""

    file: Path
    read: RuleSetFile | None
    mistakes: tuple[Mistake, ...] = ()


def check(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Rule set files.", show_default=False)],
    as_json: JsonOption = False,
) -> None:
    """Read rule set files and show every mistake in them, each with file, line and column.

    Exit codes: 0 all files can be used, 2 there are mistakes.
    """
    results = [_read(file) for file in files]
    for result in results:
        complain(result.mistakes)
    if as_json:
        print_json({"v": 1, "files": [_checked_as_json(each) for each in results]})
    else:
        _show_checked([each.read for each in results if each.read is not None], context.obj)
    if any(each.mistakes for each in results):
        raise typer.Exit(UNUSABLE)


def _read(file: Path) -> _Checked:
    try:
        return _Checked(file, read_any(file))
    except UnusableFileError as error:
        return _Checked(file, None, error.mistakes)


def _show_checked(read: list[RuleSetFile], out: Console) -> None:
    for each in read:
        rule_set = each.rule_set
        out.print(styled(f"{each.source.file}: ").append("ok", style="bold green"), soft_wrap=True)
        out.print(styled(f"  {rule_set.name}, {rule_set.mode}, default {rule_set.default}"))
        counts = (
            _count(len(rule_set.rules), "rule"),
            _count(_destinations(each), "destination"),
            _count(len(each.tests), "test"),
        )
        out.print(styled(f"  {', '.join(counts)}, digest {rule_set.digest[:12]}", "dim"))


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _destinations(read: RuleSetFile) -> int:
    return sum(len(rule.destinations) for rule in read.rule_set.rules)


def _checked_as_json(checked: _Checked) -> dict[str, object]:
    document: dict[str, object] = {
        "file": str(checked.file),
        "ok": checked.read is not None,
        "mistakes": [
            {"line": each.place.line, "column": each.place.column, "message": each.message} for each in checked.mistakes
        ],
    }
    if checked.read is None:
        return {**document, "rule_set": None}
    rule_set = checked.read.rule_set
    summary = {
        "name": rule_set.name,
        "mode": rule_set.mode,
        "default": rule_set.default,
        "rules": len(rule_set.rules),
        "destinations": _destinations(checked.read),
        "tests": len(checked.read.tests),
        "digest": rule_set.digest,
    }
    return {**document, "rule_set": summary}
