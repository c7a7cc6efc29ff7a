"""`tunnel-lab report`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from dtr_rules import UnusableFileError
from dtr_rules.source import Mistake, Place
from lab.authority import write_private
from lab.commands.screen import NOT_DONE, UNUSABLE, Json, NoColor, end_with, screen, without_color
from lab.record import Run, read_run
from lab.report.page import render
from lab.report.plain import plain
from lab.version import version

DEFAULT: Final = Path("report.html")


def report(
    records: Annotated[
        list[Path], typer.Argument(metavar="RECORD", help="Records that 'run --record DIR' wrote, or the directory.")
    ],
    *,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The page.")] = DEFAULT,
    as_json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Draw what happened in runs of scenarios: one HTML page that needs nothing else, for screen, phone and paper.

    The page is readable for its owner alone; it names people, devices and addresses.

    Exit codes: 0 written, 2 a record cannot be used, 3 the page cannot be written. Whether runs came out as expected
    stands in the page, and changes nothing here.
    """
    without_color(no_color)
    files = _files(records)
    if any(_is_same_file(out, file) for file in files):
        end_with(UNUSABLE, f"{out}: is a record; --out would overwrite it")
    runs = _runs(files)
    write_page(runs, out)
    if as_json:
        typer.echo(json.dumps(_document(runs, out), indent=2))
    else:
        screen().print(Text(f"wrote {plain(str(out))}: {_in_short(runs)}"), soft_wrap=True)


def write_page(runs: Sequence[Run], file: Path) -> None:
    """Write the page about `runs`, or end with the reason why not."""
    try:
        write_private(file, render(runs, version=version()).encode())
    except OSError as error:
        end_with(NOT_DONE, f"{file}: cannot be written: {error.strerror}")


def _files(records: Iterable[Path]) -> list[Path]:
    """A directory stands for the records in it, by name."""
    found: list[Path] = []
    for path in records:
        inside = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not inside:
            words = "no record in this directory; 'tunnel-lab run NAME --record DIR' writes them"
            end_with(UNUSABLE, str(UnusableFileError([Mistake(Place(str(path), 1, 1), words)])))
        found += inside
    return list(dict.fromkeys(found))


def _runs(files: Iterable[Path]) -> list[Run]:
    """All of them, or the end with what is wrong with each that cannot be used."""
    runs, mistakes = [], []
    for file in files:
        try:
            runs.append(read_run(file))
        except UnusableFileError as error:
            mistakes.append(str(error))
    if mistakes:
        end_with(UNUSABLE, "\n".join(mistakes))
    return runs


def _is_same_file(out: Path, record: Path) -> bool:
    try:
        return out.samefile(record)
    except OSError:
        return False


def _in_short(runs: Sequence[Run]) -> str:
    noun = "scenario" if len(runs) == 1 else "scenarios"
    return f"{len(runs)} {noun}, {sum(run.as_expected for run in runs)} as expected"


def _document(runs: Sequence[Run], file: Path) -> dict[str, object]:
    return {
        "v": 1,
        "file": str(file),
        "runs": [{"scenario": run.scenario, "title": run.title, "as_expected": run.as_expected} for run in runs],
    }
