"""What all verbs say in the same way: mistakes, documents for programs, exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from dtr_rules.characters import printable
from dtr_rules.formats import read_any
from dtr_rules.formats.yaml import RuleSetFile
from dtr_rules.source import Mistake, UnusableFileError

FINDINGS: Final = 1
UNUSABLE: Final = 2

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for programs.")]


def complain(mistakes: Iterable[Mistake]) -> None:
    """Mistakes on stderr, one a line."""
    for mistake in mistakes:
        typer.echo(printable(str(mistake)), err=True)


def print_json(document: Mapping[str, Any]) -> None:
    """The one document on stdout."""
    typer.echo(json.dumps(document, indent=2))


def read_or_exit(file: Path) -> RuleSetFile:
    """The rule set file; where it cannot be used, its mistakes and exit code 2."""
    try:
        return read_any(file)
    except UnusableFileError as error:
        complain(error.mistakes)
        raise typer.Exit(UNUSABLE) from None
