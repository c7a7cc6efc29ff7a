"""`dtr fmt`: rule sets and test files in one form, comments kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dtr_rules.commands.speaking import FINDINGS, UNUSABLE, JsonOption, complain, print_json
from dtr_rules.commands.writing import COULD_NOT, write_whole
from dtr_rules.formats.test_file import is_test_file
from dtr_rules.formats.uem import is_uem
from dtr_rules.formats.yaml_writing import canonical_rule_set, canonical_tests
from dtr_rules.source import Mistake, Place, UnusableFileError, read_text
from dtr_rules.terminal import styled


@dataclass(frozen=True, slots=True)
class _Formatted:
    """One file: its canonical text where that differs, or what is wrong with the file."""

    file: Path
    text: str | None = None
    mistakes: tuple[Mistake, ...] = ()
    unwritten: bool = False


def fmt(
    context: typer.Context,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Rule set files and *.test.yaml files.", show_default=False)
    ],
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 where a file would change.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write rule set files and test files in canonical form: order of keys, quotes, spaces. Comments stay.

    A file means the same before and after, or it is left as it is.

    Exit codes: 0 every file is in canonical form (now), 1 with --check: a file is not, 2 a file cannot be used,
    3 a file cannot be written.
    """
    results = [_format(file) for file in files]
    if not check:
        results = [_written(each) for each in results]
    for each in results:
        complain(each.mistakes)
    if as_json:
        print_json({"v": 1, "files": [_as_json(each) for each in results]})
    else:
        _show(results, context.obj, "would change" if check else "formatted")
    if any(each.mistakes and not each.unwritten for each in results):
        raise typer.Exit(UNUSABLE)
    if any(each.unwritten for each in results):
        raise typer.Exit(COULD_NOT)
    if check and any(each.text is not None for each in results):
        raise typer.Exit(FINDINGS)


def _format(file: Path) -> _Formatted:
    try:
        text = read_text(file)
        formatted = _canonical(text, file)
    except UnusableFileError as error:
        return _Formatted(file, mistakes=error.mistakes)
    return _Formatted(file, None if formatted == text else formatted)


def _canonical(text: str, file: Path) -> str:
    if is_test_file(file):
        return canonical_tests(text, str(file))
    if is_uem(text):
        words = "the UEM's JSON has no canonical form; 'dtr convert --to yaml' makes a rule set file of it"
        raise UnusableFileError([Mistake(Place(str(file), 1, 1), words)])
    return canonical_rule_set(text, str(file))


def _written(result: _Formatted) -> _Formatted:
    if result.text is None:
        return result
    try:
        write_whole(result.file, result.text)
    except OSError as error:
        mistake = Mistake(Place(str(result.file), 1, 1), f"cannot write this file: {error.strerror}")
        return _Formatted(result.file, mistakes=(mistake,), unwritten=True)
    return result


def _show(results: list[_Formatted], out: Console, changed: str) -> None:
    for each in results:
        if each.mistakes:
            continue
        verdict = ("canonical", "green") if each.text is None else (changed, "bold yellow")
        out.print(styled(f"{each.file}: ").append(*verdict), soft_wrap=True)


def _as_json(result: _Formatted) -> dict[str, object]:
    return {
        "file": str(result.file),
        "ok": not result.mistakes,
        "changed": result.text is not None,
        "mistakes": [
            {"line": each.place.line, "column": each.place.column, "message": each.message} for each in result.mistakes
        ],
    }
