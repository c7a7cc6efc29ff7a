"""`tunnel-gateway reload`."""

from __future__ import annotations

import json
from typing import Final

import typer

from dtr_rules.terminal import console
from tunnel_gateway.commands.asking import answering, ask
from tunnel_gateway.commands.speaking import ConfigOption, JsonOption

WITHIN: Final = 60.0
"""Seconds: large rule files are read, and authorities may be asked about the certificates of open tunnels."""


def reload(config: ConfigOption, as_json: JsonOption = False) -> None:
    """Let the gateway that runs with this configuration read it anew: rules, certificates, pools, limits.

    All of it is put in place, or none; tunnels that would no longer be admitted are cut. The decision log is opened
    anew, too.

    Exit codes: 0 reloaded, 2 the configuration cannot be used and what was loaded before stays, 3 no gateway answers.
    """
    with answering(config):
        answer = ask(config, "/reload", {}, within=WITHIN)
        rules = answer["rules"]
        words = f"reloaded: rules {rules['name']} ({rules['digest'][:12]})"
    if as_json:
        typer.echo(json.dumps(answer, indent=2))
    else:
        console(no_color=False).print(words)
