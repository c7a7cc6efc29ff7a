"""`dtr diff`: what changes in effect from one rule set to another."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from dtr_rules.analysis import Budget, difference
from dtr_rules.analysis.difference_document import as_json as document
from dtr_rules.analysis.difference_view import show
from dtr_rules.commands.speaking import FINDINGS, JsonOption, print_json, read_or_exit

_STEPS = 2_000_000_000  # here the clock is the limit


def diff(
    context: typer.Context,
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The rule set file as it was.", show_default=False)],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The rule set file as it is to be.", show_default=False)],
    *,
    only_action: Annotated[
        bool, typer.Option("--only-action", help="Compare actions and proxies, whichever rule takes them.")
    ] = False,
    within: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="Stop after this time; the rest is 'not decided'.")
    ] = 60.0,
    as_json: JsonOption = False,
) -> None:
    """Show what changes in effect from OLD to NEW: which flows get another action or rule, each with an example.

    Every flow that there can be is compared, not a sample. Without an effect, that is a proof, however much
    the texts differ. Rules are compared by name.

    Exit codes: 0 no effect, 1 there is an effect or something was not decided, 2 a file cannot be used.
    """
    before, after = read_or_exit(old).rule_set, read_or_exit(new).rule_set
    end = time.monotonic() + within
    budget = Budget(_STEPS, lambda: time.monotonic() > end)
    found = difference(before, after, only_action=only_action, budget=budget)
    if as_json:
        print_json(document(before, after, found, only_action=only_action))
    else:
        show(before, after, found, context.obj, only_action=only_action)
    if not found.no_effect:
        raise typer.Exit(FINDINGS)
