"""`tunnel-gateway maintenance`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated

import typer

from tunnel_gateway.commands.asking import answering, ask
from tunnel_gateway.commands.speaking import UNUSABLE, ConfigOption, JsonOption, fail


def maintenance(
    config: ConfigOption,
    until: Annotated[str, typer.Option("--until", metavar="TIME", help="ISO 8601; without a zone, this machine's.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it is logged and shown in the status.")],
    as_json: JsonOption = False,
) -> None:
    """Announce a maintenance of the UEM: what is known of devices now serves until it is over.

    Devices that are not known are not admitted. `posture: longest-maintenance` is the cap.

    Exit codes: 0 announced, 2 the configuration or the time cannot be used, 3 the gateway cannot be reached, or cannot
    keep it.
    """
    try:
        moment = datetime.fromisoformat(until).astimezone()
    except ValueError:
        fail(f"--until '{until[:80]}' is no time; write it as 2026-11-30T04:00+01:00", UNUSABLE)
    with answering(config):
        answer = ask(config, "/maintenance", {"until": moment.isoformat(), "reason": reason})
        typer.echo(json.dumps(answer, indent=2) if as_json else f"posture may grow older until {answer['until']}")
