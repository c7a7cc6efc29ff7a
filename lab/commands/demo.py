"""`tunnel-lab demo`."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from lab.commands.screen import DIFFERENT, FINE, Json, NoColor, run_to_its_end, screen, without_color
from lab.demo import Demo, run_demo
from lab.report import table
from lab.report.document import document
from lab.report.progress import Progress


def demo(
    rules: Annotated[
        Path | None, typer.Option("--rules", metavar="FILE", help="A rule set of your own, for device and gateway.")
    ] = None,
    as_json: Json = False,
    no_color: NoColor = False,
) -> None:
    """A compliant phone signs in through the gateway; a non-compliant one does not, with or without its profile.

    Starts everything on this machine's loopback addresses and leaves nothing behind.
    """
    without_color(no_color)
    told = screen(stderr=as_json)
    with resources.as_file(resources.files("lab") / "demo-rules.yaml") as default:
        found = run_to_its_end(run_demo(rules or default, Progress(told)))
    _show(found, as_json=as_json)
    raise typer.Exit(FINE if found.as_expected else DIFFERENT)


def _show(found: Demo, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(document(found), indent=2))  # escapes everything outside ASCII
    else:
        table.show(found, screen())
