"""`tunnel-lab list`."""

from __future__ import annotations

import json
from collections.abc import Sequence

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from dtr_rules import UnusableFileError
from lab.commands.screen import UNUSABLE, Json, NoColor, end_with, screen, without_color
from lab.runner.choosing import own_scenarios, read_all
from lab.runner.reading import Scenario


def list_scenarios(as_json: Json = False, no_color: NoColor = False) -> None:
    """The lab's scenarios: what happens, and what a person learns."""
    without_color(no_color)
    try:
        found = read_all(own_scenarios().values())
    except UnusableFileError as error:
        end_with(UNUSABLE, str(error))
    if as_json:
        typer.echo(json.dumps({"v": 1, "scenarios": [_document(each) for each in found]}, indent=2))
    else:
        screen().print(_table(found))


def _document(scenario: Scenario) -> dict[str, object]:
    content = scenario.content
    return {
        "name": scenario.name,
        "title": content.title,
        "learn": list(content.learn),
        "unconfirmed": list(content.unconfirmed),
        "steps": len(content.steps),
    }


def _table(found: Sequence[Scenario]) -> Table:
    table = Table(box=box.SIMPLE, show_edge=False, header_style="bold")
    table.add_column("scenario", no_wrap=True)
    table.add_column("what happens", overflow="fold")
    for scenario in found:
        table.add_row(Text(scenario.name), Text(scenario.content.title))
    return table
