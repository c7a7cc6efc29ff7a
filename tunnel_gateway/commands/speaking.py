"""What the verbs have in common: their options, and how they end with an error."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

UNUSABLE = 2
NOT_DONE = 3

ConfigOption = Annotated[Path, typer.Option("--config", metavar="FILE", help="The configuration (gateway.yaml).")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for programs.")]


def fail(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)
