"""`tunnel-lab device`."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path
from typing import Annotated, Final

import typer

from dtr_rules import Index, Platform, UnusableFileError, parse_rule_set
from lab.commands.screen import NOT_DONE, UNUSABLE, NoColor, end_with, run_to_its_end, screen, without_color
from lab.device import AppUnknownError, find_app
from lab.device.apps import system_browser
from lab.device.overview import logins_of
from lab.device.proxy import loopback_socket
from lab.listening import Teller, Wish, listen
from lab.plan import DevicePlan
from lab.report import apps
from lab.report.connections import ForPeople, ForPrograms
from lab.report.progress import Progress
from lab.roster import DeviceUnknownError, find_device, usual_rules
from lab.world import read_rules

_ENDPOINT: Final = re.compile(r"(?:(?P<host>\[[0-9A-Fa-f:.]+\]|[0-9.]+):)?(?P<port>[0-9]{1,5})")


def device(
    name: Annotated[str, typer.Argument(metavar="NAME", help="iphone, android, laptop or mac.")],
    where: Annotated[
        str | None,
        typer.Argument(metavar="HOST:PORT", help="Where --listen listens; without it on a free loopback port."),
    ] = None,
    *,
    listening: Annotated[
        bool,
        typer.Option("--listen", help="Open a local proxy: every program behind it becomes an app of the device."),
    ] = False,
    app: Annotated[
        str | None, typer.Option("--app", metavar="NAME", help="Which app they become; else the device's browser.")
    ] = None,
    not_compliant: Annotated[
        bool, typer.Option("--not-compliant", help="The device breaks the compliance policy and keeps its profile.")
    ] = False,
    rules: Annotated[
        Path | None, typer.Option("--rules", metavar="FILE", help="A rule set of your own, for device and gateway.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="For programs: one JSON document; with --listen, JSON Lines.")
    ] = False,
    no_color: NoColor = False,
) -> None:
    """What apps of a device would open, and which way it goes; with --listen, a proxy that makes programs its apps.

    --listen starts a world of its own with this one device and shows every connection until Ctrl-C.
    """
    without_color(no_color)
    try:
        plan = find_device(name)
        chosen = find_app(plan.platform, app) if app is not None else system_browser(plan.platform)
        text = _rules(plan.platform, rules)
        if listening:
            _listen(Wish(plan, chosen, text, compliant=not not_compliant), where, _teller(as_json=as_json))
            return
    except (DeviceUnknownError, AppUnknownError, AddressError, UnusableFileError) as error:
        end_with(UNUSABLE, str(error))
    if where is not None or app is not None or not_compliant:
        end_with(UNUSABLE, "HOST:PORT, --app and --not-compliant go with --listen")
    _show_apps(plan, text, as_json=as_json)


class AddressError(ValueError):
    """What was given is no address that a proxy without a password may listen at."""


def _rules(platform: Platform, file: Path | None) -> str:
    return usual_rules(platform).read_text(encoding="utf-8") if file is None else read_rules(file)


def _listen(wish: Wish, where: str | None, teller: Teller) -> None:
    try:
        listener = _listener(where)
    except OSError as error:
        end_with(NOT_DONE, f"cannot listen at {where}: {error.strerror}")
    with listener:
        run_to_its_end(listen(wish, listener, teller))


def _listener(where: str | None) -> socket.socket:
    """A port alone is one of 127.0.0.1. Raises AddressError, OSError."""
    if where is None:
        return loopback_socket()
    found = _ENDPOINT.fullmatch(where)
    if found is None or int(found["port"]) > 65535:
        raise AddressError(f"'{where}' is not HOST:PORT with an IP address, such as 127.0.0.1:3128")
    try:
        return loopback_socket((found["host"] or "127.0.0.1").strip("[]"), int(found["port"]))
    except ValueError as error:
        raise AddressError(str(error)) from None


def _teller(*, as_json: bool) -> Teller:
    if as_json:
        return ForPrograms(typer.echo, Progress(screen(stderr=True)))
    return ForPeople(screen())


def _show_apps(plan: DevicePlan, rules: str, *, as_json: bool) -> None:
    found = logins_of(plan.platform, Index(parse_rule_set(rules, "rules").rule_set))
    if as_json:
        typer.echo(json.dumps(apps.document(plan.name, plan.platform, found), indent=2))
    else:
        apps.show(found, screen())
