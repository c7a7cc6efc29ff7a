"""`okta-zones apply`: write what is planned, and read it back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer

from okta_zones import plan_file
from okta_zones.aftermath import see_through
from okta_zones.apply import Pace
from okta_zones.commands.asked import Accept, Addresses, Desk, Remove, TerraformOutput, asked, desk, planned
from okta_zones.commands.holding import held
from okta_zones.commands.outcome import end
from okta_zones.commands.screen import ConfigPath, Json, failures
from okta_zones.controller import Run, Tell, apply_all, plan_all
from okta_zones.errors import Refusal, RefusedError
from okta_zones.needs import Verb
from okta_zones.plan_file import PlanFile
from okta_zones.sources.survey import Survey

_INTERRUPTED: Final = "interrupted; run 'okta-zones apply' again: it finds out what was written"

PlanPath = Annotated[
    Path | None, typer.Argument(metavar="[PLAN]", help="A file that 'plan --out' wrote: exactly that is done.")
]
SkipWait = Annotated[
    bool, typer.Option("--skip-propagation-wait", help="Do not wait until what was written counts everywhere.")
]


def apply(
    context: typer.Context,
    plan_path: PlanPath = None,
    *,
    config_path: ConfigPath,
    addresses: Addresses = None,
    terraform_output: TerraformOutput = None,
    remove: Remove = None,
    accept: Accept = None,
    skip_propagation_wait: SkipWait = False,
    as_json: Json = False,
) -> None:
    """Write the egress addresses to every target, Okta and Entra, and read them back.

    With a plan file the sources are not asked: the file is carried out, or refused where anything has changed since.
    """
    what = asked(addresses, terraform_output, remove, accept)
    if plan_path is not None and what != asked(None, None, None, None):
        raise typer.BadParameter("a plan file goes without other options", param_hint="PLAN")
    with failures(context.obj, "apply", as_json=as_json, interrupted=_INTERRUPTED):
        file = plan_file.read(plan_path) if plan_path is not None else None
        with (
            desk(config_path, Verb.APPLY, file.accepted if file else what.accepted) as on,
            held(on.journal, "apply"),
            context.obj.progress() as tell,
        ):
            run = planned(on, what, tell) if file is None else _planned_by(file, on, tell)
            on.journal.orders.retired(run.order.add)  # wanted again
            run = apply_all(run, on.targets, on.journal, Pace(), tell)
            seconds = 0 if skip_propagation_wait else on.settings.propagation
            run = see_through(run, on.targets, on.journal, Pace(), tell, seconds=seconds)
    end(context.obj, "apply", run, as_json=as_json)


def _planned_by(file: PlanFile, on: Desk, tell: Tell) -> Run:
    """The plan of a file, made anew and found the same. Raises RefusedError."""
    if file.config != on.settings.digest:
        raise RefusedError(Refusal.PLAN_OUTDATED, "the plan was made with another configuration; plan again")
    if strangers := file.order.add - on.settings.owned:
        raise RefusedError(Refusal.ADDRESS_NOT_OWNED, f"the plan adds {strangers}, outside owned-prefixes")
    order = replace(file.order, owned_prefixes=on.settings.owned)
    run = plan_all(order, Survey(()), on.targets, accepted=file.accepted, journal=on.journal, tell=tell)
    plan_file.check(file, run)
    return run
