"""`tunnel-gateway block`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from tunnel_gateway.commands.asking import answering, ask
from tunnel_gateway.commands.speaking import ConfigOption, JsonOption, NamedDevice, NamedThumbprint, named


def block(
    config: ConfigOption,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in every refusal's log line.")],
    device: NamedDevice = None,
    thumbprint: NamedThumbprint = None,
    as_json: JsonOption = False,
) -> None:
    """Block a device or a certificate at the gateway that runs with this configuration, and cut its tunnels.

    It counts from now on, after a restart too, whatever the UEM says; `allow` takes it back.

    Exit codes: 0 blocked, 2 the configuration or the name cannot be used, 3 the gateway cannot be reached, or cannot
    keep it.
    """
    body = {**named(device, thumbprint), "reason": reason}
    with answering(config):
        answer = ask(config, "/blocks", body)
        made, cut = answer["block"], answer["cut"]
        typer.echo(json.dumps(answer, indent=2) if as_json else f"blocked {made['kind']} {made['name']}; {cut} cut")
