"""`tunnel-lab device`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Final

import typer

from dtr_rules import Index, Platform, UnusableFileError, parse_rule_set
from lab.commands.screen import UNUSABLE, NoColor, end_with, run_to_its_end, screen, without_color
from lab.device import AppUnknownError, find_app
from lab.device.apps import system_browser
from lab.device.overview import logins_of
from lab.device.proxy import NotLoopbackError, check_loopback
from lab.listening import Teller, Wish, listen
from lab.report import apps
from lab.report.connections import ForPeople, ForPrograms
from lab.report.progress import Progress
from lab.roster import DeviceUnknownError, find_device, usual_rules
from lab.world import read_rules

ANYWHERE: Final = ("127.0.0.1", 0)
"""Where it listens if nobody says: at any free port."""
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
        host, port = _endpoint(where)
        text = _rules(plan.platform, rules)
    except (DeviceUnknownError, AppUnknownError, NotLoopbackError, _AddressError, UnusableFileError) as error:
        end_with(UNUSABLE, str(error))
    if listening:
        wish = Wish(plan, chosen, text, compliant=not not_compliant, host=host, port=port)
        run_to_its_end(listen(wish, _teller(as_json=as_json)))
    elif where is not None or app is not None or not_compliant:
        end_with(UNUSABLE, "HOST:PORT, --app and --not-compliant go with --listen")
    else:
        _show_apps(plan.platform, text, as_json=as_json)


class _AddressError(ValueError):
    """What was given is no address to listen at."""


def _rules(platform: Platform, file: Path | None) -> str:
    return usual_rules(platform).read_text(encoding="utf-8") if file is None else read_rules(file)


def _endpoint(where: str | None) -> tuple[str, int]:
    """Address and port; a port alone is one of 127.0.0.1. Raises _AddressError, NotLoopbackError."""
    if where is None:
        return ANYWHERE
    found = _ENDPOINT.fullmatch(where)
    if found is None or int(found["port"]) > 65535:
        raise _AddressError(f"'{where}' is not HOST:PORT with an IP address, such as 127.0.0.1:3128")
    host = (found["host"] or ANYWHERE[0]).strip("[]")
    try:
        check_loopback(host)
    except ValueError as error:
        raise _AddressError(str(error)) from None
    return host, int(found["port"])


def _teller(*, as_json: bool) -> Teller:
    if as_json:
        return ForPrograms(typer.echo, Progress(screen(stderr=True)))
    return ForPeople(screen())


def _show_apps(platform: Platform, rules: str, *, as_json: bool) -> None:
    found = logins_of(platform, Index(parse_rule_set(rules, "rules").rule_set))
    if as_json:
        typer.echo(json.dumps(apps.document(found), indent=2))
    else:
        apps.show(found, screen())
