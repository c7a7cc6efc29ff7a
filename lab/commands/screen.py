"""What all verbs say in the same way: consoles, complaints, exit codes."""

from __future__ import annotations

import os
from typing import Final

import typer
from rich.console import Console

from lab.report.plain import plain

FINE, DIFFERENT, UNUSABLE, NOT_DONE, INTERRUPTED = 0, 1, 2, 3, 130
WIDE: Final = 170
"""Columns of a table that goes to a file or a pipe, where nobody has said how wide it is."""


def screen(*, stderr: bool = False) -> Console:
    """A console that reads no markup, emoji codes or highlights into names."""
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDE
    return console


def complain(text: str) -> None:
    """A message on stderr, line by line."""
    for line in text.splitlines():
        typer.echo(plain(line), err=True)
