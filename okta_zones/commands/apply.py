"""`okta-zones apply`: write what is planned, and read it back."""

from __future__ import annotations

import os
from typing import Final

import typer

from okta_zones import config, controller
from okta_zones.apply import Pace
from okta_zones.commands.outcome import end
from okta_zones.commands.screen import ConfigPath, Json, failures
from okta_zones.needs import Verb

_INTERRUPTED: Final = "interrupted; run plan to see what was written"


def apply(context: typer.Context, config_path: ConfigPath, as_json: Json = False) -> None:
    """Write the egress addresses to every target, Okta and Entra, and read them back."""
    with failures(context.obj, "apply", as_json=as_json, interrupted=_INTERRUPTED):
        settings = config.load(config_path, os.environ)
        with context.obj.progress() as tell:
            tell("asking the sources")
            reports = controller.ask_sources(settings)
            with controller.opened(settings, Verb.APPLY) as targets:
                planned = controller.plan_all(settings, targets, reports, tell)
                run = controller.apply_all(planned, targets, Pace(), tell)
    end(context.obj, "apply", run, as_json=as_json)
