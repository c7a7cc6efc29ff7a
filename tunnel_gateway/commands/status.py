"""`tunnel-gateway status`."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.live import Live

from dtr_rules.terminal import console
from tunnel_gateway.commands.asking import answering, ask
from tunnel_gateway.commands.speaking import ConfigOption, JsonOption
from tunnel_gateway.commands.status_table import status_table

EVERY = 1.0
"""Seconds between two looks of `--watch`."""


def status(
    config: ConfigOption,
    as_json: JsonOption = False,
    watched: Annotated[bool, typer.Option("--watch", help="Look again every second, until Ctrl-C.")] = False,
) -> None:
    """Ask the gateway that runs with this configuration how it is: readiness, posture, rules, egress, tunnels, and what
    was admitted and refused since it started. With --watch, --json prints one document a line.

    Exit codes: 0 devices can be admitted, 1 nobody can, 2 the configuration cannot be used, 3 the gateway cannot be
    reached, 130 --watch was ended by Ctrl-C.
    """
    if watched:
        _watch(config, as_json=as_json)
    with answering(config):
        answer = ask(config, "/status")
        shown = status_table(answer)
    if as_json:
        typer.echo(json.dumps(answer, indent=2))
    else:
        console(no_color=False).print(shown)
    raise typer.Exit(0 if answer["ready"] else 1)


def _watch(config: Path, *, as_json: bool) -> None:
    try:
        with answering(config):
            _stream(config) if as_json else _live(config)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _stream(config: Path) -> None:
    while True:
        typer.echo(json.dumps(ask(config, "/status")))
        time.sleep(EVERY)


def _live(config: Path) -> None:
    answer: dict[str, Any] = ask(config, "/status")
    with Live(status_table(answer), console=console(no_color=False), auto_refresh=False) as live:
        while True:
            time.sleep(EVERY)
            live.update(status_table(ask(config, "/status")), refresh=True)
