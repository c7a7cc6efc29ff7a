"""`dtr explain`: what a rule set decides for one flow, and why."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from dtr_rules.commands.speaking import JsonOption, print_json, read_or_exit
from dtr_rules.explain import explain as explain_flow
from dtr_rules.explanation_view import show
from dtr_rules.hosts import Address, HostError, parse_address, parse_host
from dtr_rules.model import Flow, Platform


class Network(StrEnum):
    """The network that the device is on."""

    TRUSTED = "trusted"
    OTHER = "other"


class Carries(StrEnum):
    """Whether the app carries the VPN profile."""

    YES = "yes"
    NO = "no"


Parsed = TypeVar("Parsed")


def _option(name: str, text: str, parse: Callable[[str], Parsed]) -> Parsed:
    try:
        return parse(text)
    except HostError as error:
        raise typer.BadParameter(f"{text!r} {error}.", param_hint=f"'{name}'") from error


def _app(text: str | None) -> str | None:
    if text is not None and not text.strip():
        raise typer.BadParameter("is empty; leave the option away for an app that is not known.")
    return text


def explain(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The rule set file.", show_default=False)],
    *,
    platform: Annotated[
        Platform, typer.Option(case_sensitive=False, help="The device's platform.", show_default=False)
    ],
    host: Annotated[str, typer.Option(metavar="HOST", help="The host's name or address.", show_default=False)],
    app_id: Annotated[
        str | None,
        typer.Option(
            "--app",
            callback=_app,
            metavar="ID",
            help="Bundle id, package name or executable path; an unknown app where left out.",
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, metavar="PORT", help="The TCP port.")] = 443,
    address: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="What the host's name resolves to, where known.")
    ] = None,
    network: Annotated[Network, typer.Option(help="The network that the device is on.")] = Network.OTHER,
    vpn_profile: Annotated[
        Carries | None,
        typer.Option(help="Whether the app carries the VPN profile; the file's profile-apps where left out."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a rule set decides for one flow, and why: every rule looked at, in order.

    Exit codes: 0 for every decision, whatever it is; 2 the file or an option cannot be used.
    """
    there = _option("--host", host, parse_host)
    resolved = None if address is None else _option("--address", address, parse_address)
    if isinstance(there, Address) and resolved not in (None, there):
        raise typer.BadParameter(f"'{resolved}' is not the host '{there}'.", param_hint="'--address'")
    flow = Flow(
        platform=platform,
        host=there,
        port=port,
        app=app_id,
        address=resolved,
        in_vpn_profile=None if vpn_profile is None else vpn_profile is Carries.YES,
        on_trusted_network=network is Network.TRUSTED,
    )
    explanation = explain_flow(read_or_exit(file).rule_set, flow)
    if as_json:
        print_json(explanation.as_json())
    else:
        show(explanation, context.obj)
