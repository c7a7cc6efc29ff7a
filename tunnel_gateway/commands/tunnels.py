"""`tunnel-gateway tunnels`."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.text import Text

from dtr_rules.characters import printable
from dtr_rules.terminal import console
from tunnel_gateway.commands.asking import answering, ask
from tunnel_gateway.commands.speaking import (
    UNUSABLE,
    ConfigOption,
    DeviceOption,
    HostOption,
    JsonOption,
    duration,
    fail,
    size,
)


def tunnels(
    config: ConfigOption,
    *,
    device: DeviceOption = None,
    host: HostOption = None,
    tunnel: Annotated[str | None, typer.Option("--id", help="The one with this decision id.")] = None,
    cut: Annotated[bool, typer.Option("--cut", help="Cut them, both sides, at once.")] = False,
    as_json: JsonOption = False,
) -> None:
    """The open tunnels of the gateway that runs with this configuration; with --cut, the end of those that are named.

    A device whose tunnel was cut may open another one: `block` keeps it out.

    Exit codes: 0 fine, 1 --cut found nothing to cut, 2 unusable configuration or usage, 3 no gateway
    answers.
    """
    which = {key: value for key, value in (("device", device), ("host", host), ("id", tunnel)) if value is not None}
    if cut and not which:
        fail("--cut needs --device, --host or --id; without them it would cut every tunnel", UNUSABLE)
    with answering(config):
        answer = ask(config, "/tunnels/cut", which) if cut else ask(config, "/tunnels", query=which)
        shown = _cut(answer["cut"]) if cut else _lines(answer["tunnels"])
    if as_json:
        typer.echo(json.dumps(answer, indent=2))
    else:
        console(no_color=False).print(shown, soft_wrap=True)
    raise typer.Exit(1 if cut and not answer["cut"] else 0)


def _cut(count: int) -> str:
    return "1 tunnel cut" if count == 1 else f"{count} tunnels cut"


def _lines(open_tunnels: list[dict[str, Any]]) -> Text:
    lines = [_line(each) for each in open_tunnels]
    return Text("\n".join(lines) or "no tunnels")


def _line(each: dict[str, Any]) -> str:
    parts = [
        each["id"],
        f"{each['host']}:{each['port']}",
        " ".join(filter(None, (each["device"], each["platform"], each["claimed_app"]))),
        None if each["rule"] is None else f"rule {each['rule']}",
        f"from {each['egress']}",
        f"{duration(each['seconds'])}, {size(each['bytes_up'])} up, {size(each['bytes_down'])} down",
    ]
    return printable("  ".join(filter(None, parts)))
