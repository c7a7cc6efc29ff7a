"""`tunnel-gateway allow`."""

from __future__ import annotations

import json

import typer

from tunnel_gateway.commands.asking import answering, ask
from tunnel_gateway.commands.speaking import ConfigOption, JsonOption, NamedDevice, NamedThumbprint, named


def allow(
    config: ConfigOption,
    device: NamedDevice = None,
    thumbprint: NamedThumbprint = None,
    as_json: JsonOption = False,
) -> None:
    """Take back the block of a device or a certificate. It admits nobody: posture decides, as ever.

    Exit codes: 0 the block is gone, 1 there was none, 2 the configuration or the name cannot be used, 3 the gateway
    cannot be reached, or cannot keep it.
    """
    body = named(device, thumbprint)
    with answering(config):
        answer = ask(config, "/blocks/allow", body)
        done = bool(answer["allowed"])
        what = f"{answer['kind']} {answer['name']}"
    typer.echo(json.dumps(answer, indent=2) if as_json else f"{what}: {'no longer blocked' if done else 'not blocked'}")
    raise typer.Exit(0 if done else 1)
