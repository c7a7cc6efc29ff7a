"""`okta-zones plan`: what `apply` would write."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from okta_zones import plan_file, tfvars
from okta_zones.commands.asked import Accept, Addresses, Asked, Desk, Remove, TerraformOutput, asked, desk, planned
from okta_zones.commands.outcome import end
from okta_zones.commands.screen import ConfigPath, Json, Screen, exit_code, failures
from okta_zones.controller import Run, with_reach
from okta_zones.errors import RefusedError
from okta_zones.needs import Verb
from okta_zones.steps import steps


class Form(StrEnum):
    """What `--to` writes."""

    TFVARS = "tfvars"


Out = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write the plan to a file; 'apply FILE' does exactly that.")
]
To = Annotated[Form | None, typer.Option(help="Variables for the tool that owns the zones, instead of the plan.")]


def plan(
    context: typer.Context,
    *,
    config_path: ConfigPath,
    addresses: Addresses = None,
    terraform_output: TerraformOutput = None,
    remove: Remove = None,
    accept: Accept = None,
    out: Out = None,
    to: To = None,
    as_json: Json = False,
) -> None:
    """Show what `apply` would write to Okta and Entra. Writes nothing there.

    Ends with 0 whether or not there is something to write; --json says which, per target.
    """
    if to is not None and (as_json or out is not None):
        raise typer.BadParameter("goes with neither --json nor --out", param_hint="--to")
    with failures(context.obj, "plan", as_json=as_json):
        what = asked(addresses, terraform_output, remove, accept)
        with desk(config_path, Verb.PLAN, what.accepted) as on, context.obj.progress() as tell:
            run = planned(on, what, tell)
            if to is None:
                run = with_reach(run, on.targets, tell)
        if to is not None:
            _print_variables(on, run, context.obj)
        if out is not None:
            _write(out, run, on, what, context.obj)
    end(context.obj, "plan", run, as_json=as_json, steps=tuple(steps(run, on.settings)))


def _write(out: Path, run: Run, on: Desk, what: Asked, screen: Screen) -> None:
    if any(result.failure for result in run.results):
        screen.complain(f"{out} was not written: this plan cannot be carried out")
        return
    plan_file.write(out, run, on.settings.accepted | what.accepted, on.settings.digest, datetime.now(UTC))


def _print_variables(on: Desk, run: Run, screen: Screen) -> None:
    """Raises RefusedError or FarEndError where the list would not be whole."""
    for silence in run.survey.silent:
        raise silence.error
    for result in run.results:
        if result.plan is None and result.failure is not None:
            raise result.failure
    notations = {each.name: each.target.notation for each in on.targets}
    for line in tfvars.lines(run, on.settings.owned, notations):
        typer.echo(line)
    refused = [result.failure for result in run.results if isinstance(result.failure, RefusedError)]
    for failure in refused:
        screen.complain(f"{failure.reason}: {failure}")
    raise typer.Exit(max(map(exit_code, refused), default=0))
