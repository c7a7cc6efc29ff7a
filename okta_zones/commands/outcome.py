"""How a verb that reached its targets ends: the run, for people or for programs, and its exit code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import typer

from okta_zones import diff, document
from okta_zones.commands.exit_codes import FINE, NOT_DONE
from okta_zones.commands.screen import Screen, exit_code, print_json
from okta_zones.controller import Run


def end(on: Screen, verb: str, run: Run, *, as_json: bool, steps: Sequence[str] = ()) -> NoReturn:
    """Show the run and leave; the worst target decides the exit code."""
    if as_json:
        print_json(document.of_run(verb, run, steps))
    else:
        for line in diff.lines(run, steps):
            on.out.print(line, soft_wrap=True)
    codes = [exit_code(result.failure) for result in run.results]
    raise typer.Exit(max(*codes, NOT_DONE if run.survey.silent else FINE))
