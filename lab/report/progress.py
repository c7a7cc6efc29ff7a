"""Live progress: what is being done now, with a line for everything that is done."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from lab.operations.zone_control import ZoneChange
from lab.report.plain import plain
from lab.rows import Row


class Progress:
    """Tells a demo to a console: a spinner on a terminal, finished lines everywhere."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextlib.contextmanager
    def step(self, words: str) -> Iterator[None]:
        started = time.monotonic()
        with self._console.status(Text(plain(words))):
            yield
        seconds = f" {time.monotonic() - started:.1f} s"
        self._console.print(Text.assemble(("✓ ", "green"), plain(words), (seconds, "dim")), soft_wrap=True)

    def zones(self, changes: tuple[ZoneChange, ...]) -> None:
        for change in changes:
            line = Text.assemble("  ", (plain(change.title), "bold"), f": {change.outcome}")
            for sign, style, values in (("+", "green", change.add), ("-", "red", change.remove)):
                for value in values:
                    line.append(f"  {sign}{plain(value)}", style)
            for value in change.not_ours:
                line.append(f"  {plain(value)} not ours, left alone", "dim")
            self._console.print(line, soft_wrap=True)

    def row(self, row: Row) -> None:
        good = not row.differences
        mark, style = ("✓", "bold green") if good else ("✗", "bold red")
        words = "as expected" if good else "not as expected"
        line = Text.assemble((f"{mark} row {row.expected.number}: ", style), plain(row.expected.device), f": {words}")
        self._console.print(line, soft_wrap=True)
