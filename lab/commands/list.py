"""`tunnel-lab list`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from dtr_rules import UnusableFileError
from lab.commands.screen import UNUSABLE, Json, NoColor, end_with, screen, without_color
from lab.report.plain import plain
from lab.runner.choosing import ALL, ScenarioUnknownError, chosen, read_all
from lab.runner.reading import Scenario


def list_scenarios(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME...]", help="These alone, with their steps; or files.")
    ] = None,
    *,
    as_json: Json = False,
    no_color: NoColor = False,
) -> None:
    """The lab's scenarios: what happens; with names, also step by step, and what a person learns."""
    without_color(no_color)
    try:
        found = read_all(chosen(names or [ALL]))
    except (ScenarioUnknownError, UnusableFileError) as error:
        end_with(UNUSABLE, str(error))
    if as_json:
        typer.echo(json.dumps({"v": 1, "scenarios": [_document(each) for each in found]}, indent=2))
    elif names:
        for scenario in found:
            _tell(scenario)
    else:
        screen().print(_table(found))


def _document(scenario: Scenario) -> dict[str, object]:
    content = scenario.content
    return {
        "name": scenario.name,
        "file": scenario.source.file,
        "title": content.title,
        "learn": list(content.learn),
        "unconfirmed": list(content.unconfirmed),
        "steps": [step.action.words() for step in content.steps],
    }


def _table(found: Sequence[Scenario]) -> Table:
    table = Table(box=box.SIMPLE, show_edge=False, header_style="bold")
    table.add_column("scenario", no_wrap=True)
    table.add_column("what happens", overflow="fold")
    for scenario in found:
        table.add_row(Text(plain(scenario.name)), Text(plain(scenario.content.title)))
    return table


def _tell(scenario: Scenario) -> None:
    console, content = screen(), scenario.content
    console.print(Text.assemble((plain(scenario.name), "bold"), f": {plain(content.title)}"))
    for number, step in enumerate(content.steps, start=1):
        console.print(Text.assemble((f"{number:>4}. ", "cyan"), plain(step.action.words())))
    for sentence in content.learn:
        console.print(Text.assemble(("learn: ", "magenta"), plain(sentence)))
    for sentence in content.unconfirmed:
        console.print(Text.assemble(("not confirmed: ", "yellow"), plain(sentence)))
