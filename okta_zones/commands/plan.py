"""`okta-zones plan`: what `apply` would write."""

from __future__ import annotations

import typer

from okta_zones.commands.asked import Accept, Addresses, Remove, TerraformOutput, asked, desk, planned
from okta_zones.commands.outcome import end
from okta_zones.commands.screen import ConfigPath, Json, failures
from okta_zones.needs import Verb


def plan(
    context: typer.Context,
    *,
    config_path: ConfigPath,
    addresses: Addresses = None,
    terraform_output: TerraformOutput = None,
    remove: Remove = None,
    accept: Accept = None,
    as_json: Json = False,
) -> None:
    """Show what `apply` would write to Okta and Entra. Writes nothing.

    Ends with 0 whether or not there is something to write; --json says which, per target.
    """
    with failures(context.obj, "plan", as_json=as_json):
        what = asked(addresses, terraform_output, remove, accept)
        with desk(config_path, Verb.PLAN) as on, context.obj.progress() as tell:
            run = planned(on, what, tell)
    end(context.obj, "plan", run, as_json=as_json)
