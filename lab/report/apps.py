"""The apps of a device: who shows their login page, who asks for their tokens, and which way it goes."""

from __future__ import annotations

from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dtr_rules import Platform
from lab.device.overview import AppLogins, Login, Opening
from lab.report.plain import plain

_STYLES: Final = {"tunnel": "green", "direct": "yellow", "blocked": "red"}


def show(logins: tuple[AppLogins, ...], console: Console) -> None:
    """A table."""
    table = Table("app", "its login page", "Okta: page, tokens", "Entra: page, tokens", title=None)
    for each in logins:
        surface = each.app.surface.value.replace("-", " ")
        table.add_row(plain(each.app.name), surface, _login(each, each.at_okta), _login(each, each.at_entra))
    console.print(table)


def document(device: str, platform: Platform, logins: tuple[AppLogins, ...]) -> dict[str, Any]:
    """The same for programs. Version 1."""
    apps = [
        {
            "app": each.app.key,
            "name": each.app.name,
            "id": each.app.id,
            "surface": each.app.surface,
            "okta": _fields(each.at_okta),
            "entra": _fields(each.at_entra),
        }
        for each in logins
    ]
    return {"v": 1, "device": device, "platform": platform, "apps": apps}


def _login(logins: AppLogins, login: Login) -> Text:
    openings = dict.fromkeys((login.page, login.tokens))  # once, where one app does both
    return Text("\n").join(_opening(logins, each) for each in openings)


def _opening(logins: AppLogins, opening: Opening) -> Text:
    who = "itself" if opening.app == logins.app else opening.app.name
    return Text.assemble(plain(who), ": ", (opening.path.value, _STYLES[opening.path]))


def _fields(login: Login) -> dict[str, dict[str, str]]:
    openings = {"page": login.page, "tokens": login.tokens}
    return {what: {"app": each.app.key, "path": each.path} for what, each in openings.items()}
