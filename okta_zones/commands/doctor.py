"""`okta-zones doctor`: what the credentials may do, and what stands in the way."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from okta_zones import config
from okta_zones.commands.screen import ConfigPath, Json, failures, print_json
from okta_zones.config import OktaSettings, TargetSettings
from okta_zones.controller import Tell
from okta_zones.doctor.document import of_examinations
from okta_zones.doctor.entra import examine_entra
from okta_zones.doctor.examination import Examination
from okta_zones.doctor.okta import examine_okta
from okta_zones.doctor.view import lines
from okta_zones.far_ends import FarEnds
from okta_zones.needs import Verb

AskToWrite = Annotated[
    bool,
    typer.Option("--ask-to-write", help="Also ask Okta for a token that may write, and throw it away."),
]


def doctor(
    context: typer.Context, config_path: ConfigPath, ask_to_write: AskToWrite = False, as_json: Json = False
) -> None:
    """Look at every target without writing: org, credential, scopes, restrictions, logs, limits, expiry.

    Exit codes: 0 every verb can run, 1 something is wrong, 2 an unusable file, 3 a target could not be asked.
    """
    with failures(context.obj, "doctor", as_json=as_json):
        settings = config.load(config_path, os.environ)
        with context.obj.progress() as tell, FarEnds(Verb.DOCTOR, settings.requests) as far_ends:
            found = [_examined(target, far_ends, ask_to_write, tell) for target in settings.targets]
    if as_json:
        print_json(of_examinations(found))
    else:
        for line in lines(found):
            context.obj.out.print(line, soft_wrap=True)
    raise typer.Exit(max(each.exit_code for each in found))


def _examined(settings: TargetSettings, far_ends: FarEnds, ask_to_write: bool, tell: Tell) -> Examination:
    tell(f"examining {settings.name}")
    if isinstance(settings, OktaSettings):
        return examine_okta(settings, far_ends.okta(settings), ask_to_write=ask_to_write)
    return examine_entra(settings, far_ends.entra(settings))
