"""A kit for people: values are never wrapped, so that each can be copied whole."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from dtr_rules.catalogue.entry import Sure
from lab.kit.making import Kit
from lab.kit.piece import Field, Piece
from lab.report.plain import plain

_WIDTH: Final = 100
_WARNINGS: Final = {
    Sure.INFERRED: "inferred",
    Sure.MEMORY: "NOT CONFIRMED",
    Sure.LISTED: "listed, not described",
}


def show(kit: Kit, console: Console) -> None:
    """Print the kit: findings, pieces, what was left out, the checklist."""
    _show_findings(kit, console)
    for piece in kit.pieces:
        console.print()
        head, *rest = piece_lines(piece, with_text=True)
        console.print(Text(head, "bold"), soft_wrap=True)
        for line in rest:
            console.print(Text(line), soft_wrap=True)
    console.print()
    for line in checklist_lines(kit):
        console.print(Text(line), soft_wrap=True)


def show_written(kit: Kit, written: Iterable[Path], console: Console) -> None:
    """Print the findings, and the files that were written."""
    _show_findings(kit, console)
    for path in written:
        console.print(Text(plain(str(path))), soft_wrap=True)


def _show_findings(kit: Kit, console: Console) -> None:
    for found in kit.findings:
        severity = (found.severity.value, "bold red")
        console.print(
            Text.assemble(f"{plain(str(found.place))}: ", severity, f" {found.id} {found.name}"), soft_wrap=True
        )
        console.print(Text(plain(f"  {found.finding.message}")), soft_wrap=True)


def piece_lines(piece: Piece, *, with_text: bool) -> Iterator[str]:
    """A piece line by line: where it goes, its fields with their sources, its text, its remarks."""
    yield plain(f"{piece.title}  [{piece.id}]")
    yield plain(f"  {piece.console}: {piece.menu}")
    width = max((len(each.name) for each in piece.fields), default=0)
    for field in piece.fields:
        yield plain(f"    {field.name:{width}}  {field.value}{_warning(field)}")
    if with_text and piece.text is not None:
        yield ""
        yield from (_pasted(line) for line in piece.text.splitlines())
        yield ""
    for remark in piece.remarks:
        yield from _wrapped("note: ", plain(remark))


def checklist_lines(kit: Kit) -> Iterator[str]:
    """What was left out, then the steps in order."""
    for each in kit.left_out:
        yield plain(f"left out: {each}")
    yield "In this order:"
    for number, step in enumerate(kit.checklist, 1):
        pieces = f" [{', '.join(step.pieces)}]" if step.pieces else ""
        yield from _wrapped(f"{number:2}. ", plain(f"{step.console}: {step.what}{pieces}"))


def _pasted(line: str) -> str:
    """A line to copy: tabs are kept, whatever else is not printable is not."""
    return "\t".join(map(plain, line.split("\t")))


def _warning(field: Field) -> str:
    return "" if field.is_certain else f"    ({_WARNINGS[field.sure]}: {field.source})"


def _wrapped(label: str, text: str) -> Iterator[str]:
    lines = textwrap.wrap(text, _WIDTH - len(label) - 2, break_long_words=False, break_on_hyphens=False)
    for number, line in enumerate(lines):
        yield f"  {label if number == 0 else ' ' * len(label)}{line}"
