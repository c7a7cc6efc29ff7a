"""`okta-zones apply`: write what is planned, and read it back."""

from __future__ import annotations

import os
import platform
from typing import Final

import typer

from okta_zones.apply import Pace
from okta_zones.commands.asked import Accept, Addresses, Remove, TerraformOutput, asked, desk, planned
from okta_zones.commands.outcome import end
from okta_zones.commands.screen import ConfigPath, Json, failures
from okta_zones.controller import apply_all
from okta_zones.journal import leased
from okta_zones.needs import Verb

_INTERRUPTED: Final = "interrupted; run plan to see what was written"


def apply(
    context: typer.Context,
    *,
    config_path: ConfigPath,
    addresses: Addresses = None,
    terraform_output: TerraformOutput = None,
    remove: Remove = None,
    accept: Accept = None,
    as_json: Json = False,
) -> None:
    """Write the egress addresses to every target, Okta and Entra, and read them back."""
    with failures(context.obj, "apply", as_json=as_json, interrupted=_INTERRUPTED):
        what = asked(addresses, terraform_output, remove, accept)
        holder = f"apply (process {os.getpid()} on {platform.node()})"
        with desk(config_path, Verb.APPLY) as on, leased(on.journal.path, holder), context.obj.progress() as tell:
            run = apply_all(planned(on, what, tell), on.targets, on.journal, Pace(), tell)
    end(context.obj, "apply", run, as_json=as_json)
