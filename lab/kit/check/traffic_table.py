"""Device traffic rules: the UEM's JSON, a rule set file of ours, or a table (CSV), all judged by `dtr lint`.

The table has the console's columns, in any order: applications, action, destinations, and where there are any rank,
rule, platforms, proxy and tab. Its last row, with the destination `*`, is the default action.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from dtr_rules import RuleSetFile
from dtr_rules.formats.yaml import Format, SetEntry, rule_set_file
from dtr_rules.lint.check import Subject
from dtr_rules.lint.finding import Severity
from dtr_rules.lint.run import lint
from dtr_rules.mistakes import Mistake, Place, UnusableFileError, suggestion
from dtr_rules.source import KeyPath, Source
from lab.kit.check.expected import Expected
from lab.kit.check.finding import Finding

_NAMES: Final = {
    "application": "applications",
    "app": "applications",
    "apps": "applications",
    "destination": "destinations",
    "platform": "platforms",
    "name": "rule",
    "rule name": "rule",
    "mode": "tab",
}
_COLUMNS: Final = ("tab", "rank", "rule", "platforms", "applications", "action", "proxy", "destinations")
_NEEDED: Final = ("action", "destinations")
_ALL: Final = ("", "all", "all applications")
_MAX_ROWS: Final = 5000

Row = dict[str, tuple[str, Place]]
"""The cells of a row by their column, each with its place."""


def is_table(text: str) -> bool:
    """Whether the first line is a header with the columns of a table of rules."""
    try:
        header = next(csv.reader(io.StringIO(text.partition("\n")[0])), [])
    except csv.Error:  # a lone carriage return, or a cell without end
        return False
    names = {_column(cell) for cell in header}
    return set(_NEEDED) <= names


def read_table(text: str, file: str) -> RuleSetFile:
    """The rule set that the table means. Raises UnusableFileError."""
    rows = list(_rows(text, file))
    *rules, last = rows or [{}]
    is_default = last.get("destinations", ("", None))[0].strip() == "*"
    places: dict[KeyPath, Place] = {(): Place(file, 1, 1)}
    default = _action(last) if is_default else "bypass"
    data: dict[str, Any] = {
        "version": 1,
        "name": "table",
        "mode": "full-device" if any("full" in _cell(row, "tab").lower() for row in rows) else "per-app",
        "default": default,
        "rules": [_rule(row, number, places) for number, row in enumerate(rules if is_default else rows)],
    }
    if not is_default:
        place = Place(file, len(text.splitlines()), 1)
        raise UnusableFileError(
            [Mistake(place, "the last row is not the default action; add one with the destination *")]
        )
    try:
        entry = SetEntry.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        raise UnusableFileError(_mistakes(error, places)) from None
    return rule_set_file(Source(entry, file, places), text, Format.YAML)


def check_rules(file: RuleSetFile, expected: Expected, today: dt.date) -> Iterator[Finding]:
    """What `dtr lint` finds, held against the org's hosts."""
    if not expected.providers:
        words = "whether the rules cover your org's hosts was not looked at: no configuration was given"
        yield Finding(Place(file.source.file, 1, 1), Severity.NOTE, words, "give kit.yaml, too")
    for each in lint(Subject(file, today, expected.providers)).findings:
        message = f"{each.name}: {each.finding.message}"
        yield Finding(each.place, each.severity, message, each.finding.fix, f"dtr lint, {each.id}")


def check_spaces(text: str, file: str) -> Iterator[Finding]:
    """The console takes destinations on one line, separated by commas, without spaces."""
    for row in _rows(text, file):
        destinations, place = row["destinations"]
        if " " in destinations.strip() or "\n" in destinations.strip():
            fix = f"write {','.join(destinations.replace(',', ' ').split())}"
            yield Finding(place, Severity.WARNING, "spaces between the destinations", fix, "the console's own rule")


def _lines(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row, and the line that it ends in."""
    reader = csv.reader(io.StringIO(text))
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:  # a lone carriage return, or a cell without end
        raise UnusableFileError([Mistake(Place(file, max(reader.line_num, 1), 1), f"not CSV: {error}")]) from None


def _rows(text: str, file: str) -> Iterator[Row]:
    lines = _lines(text, file)
    before, names = next(lines)
    header = [_column(cell) for cell in names]
    for column in header:
        if column not in _COLUMNS:
            near = suggestion(column, list(_COLUMNS))
            raise UnusableFileError(
                [Mistake(Place(file, 1, 1), f"unknown column '{column}'{near}; known: {', '.join(_COLUMNS)}")]
            )
    for end, cells in lines:
        line, before = before + 1, end
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            words = f"{len(cells)} cells under {len(header)} columns; put cells with commas in them in double quotes"
            raise UnusableFileError([Mistake(Place(file, line, 1), words)])
        if line > _MAX_ROWS:
            raise UnusableFileError([Mistake(Place(file, line, 1), f"more than {_MAX_ROWS} rows")])
        columns = _starts(text.splitlines()[line - 1], len(cells))
        yield {name: (cell, Place(file, line, at)) for name, cell, at in zip(header, cells, columns, strict=True)}


def _starts(line: str, count: int) -> list[int]:
    """The columns at which the cells of a line begin, from 1; the line's own where a cell goes over several lines."""
    starts, quoted = [1], False
    for index, char in enumerate(line):
        if char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            starts.append(index + 2)
    return (starts + [1] * count)[:count]


def _column(cell: str) -> str:
    name = cell.strip().lower().removeprefix("\ufeff")
    return _NAMES.get(name, name)


def _cell(row: Row, column: str) -> str:
    return row.get(column, ("", None))[0].strip()


def _action(row: Row) -> str:
    return _cell(row, "action").lower().replace(" + ", "-").replace(" ", "-")


def _rule(row: Row, number: int, places: dict[KeyPath, Place]) -> dict[str, Any]:
    path: KeyPath = ("rules", number)
    places[path] = next(iter(row.values()))[1]
    for column, key in (("rule", "name"), ("platforms", "platforms"), ("applications", "apps"), ("action", "action")):
        if column in row:
            places[(*path, key)] = row[column][1]
    destinations = _cell(row, "destinations").replace("\n", ",").replace(" ", ",").split(",")
    kept = [each for each in destinations if each]
    places[(*path, "to")] = row["destinations"][1]
    places |= {(*path, "to", index): row["destinations"][1] for index in range(len(kept))}
    rule: dict[str, Any] = {"name": _cell(row, "rule") or f"row {number + 1}", "action": _action(row), "to": kept}
    platforms = [each.strip().lower() for each in _cell(row, "platforms").split(",") if each.strip()]
    if platforms:
        rule["platforms"] = platforms
    apps = _cell(row, "applications")
    rule["apps"] = "all" if apps.lower() in _ALL else [each.strip() for each in apps.split(",")]
    if _cell(row, "proxy"):
        rule["proxy"] = _cell(row, "proxy")
    return rule


def _mistakes(error: ValidationError, places: Mapping[KeyPath, Place]) -> list[Mistake]:
    mistakes = []
    for each in error.errors(include_url=False):
        path = each["loc"]
        while path not in places:
            path = path[:-1]
        mistakes.append(Mistake(places[path], f"{each['loc'][-1] if each['loc'] else 'the table'}: {each['msg']}"))
    return mistakes
