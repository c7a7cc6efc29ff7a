"""`okta-zones plan`: what `apply` would write."""

from __future__ import annotations

import os

import typer

from okta_zones import config, controller
from okta_zones.commands.outcome import end
from okta_zones.commands.screen import ConfigPath, Json, failures
from okta_zones.needs import Verb


def plan(context: typer.Context, config_path: ConfigPath, as_json: Json = False) -> None:
    """Show what `apply` would write to Okta and Entra. Writes nothing.

    Ends with 0 whether or not there is something to write; --json says which, per target.
    """
    with failures(context.obj, "plan", as_json=as_json):
        settings = config.load(config_path, os.environ)
        with context.obj.progress() as tell:
            tell("asking the sources")
            reports = controller.ask_sources(settings)
            with controller.opened(settings, Verb.PLAN) as targets:
                run = controller.plan_all(settings, targets, reports, tell)
    end(context.obj, "plan", run, as_json=as_json)
