"""The apps of the lab's devices: the dated catalogue in `apps.yaml`, and what of it is on one platform."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Final

from dtr_rules import Platform, source
from dtr_rules.apps import same_app
from dtr_rules.catalogue.entry import Entry
from dtr_rules.source import FormatVersion, Model, suggestion

_CATALOGUE: Final = Path(__file__).with_name("apps.yaml")
_BROWSERS: Final = {
    Platform.IOS: "safari",
    Platform.ANDROID: "chrome",
    Platform.WINDOWS: "edge",
    Platform.MACOS: "safari",
}
"""What opens a login page that leaves its app, where nobody has chosen another browser."""


class Surface(StrEnum):
    """Who shows an app's login page, and so whose connections an identity provider sees."""

    OWN_WEB_VIEW = "own-web-view"
    SYSTEM_BROWSER = "system-browser"
    BROKER = "broker"
    SSO_EXTENSION = "sso-extension"
    NATIVE_MAIL = "native-mail"


class Role(StrEnum):
    """What an app is to its device."""

    APP = "app"
    BROWSER = "browser"
    TUNNEL_CLIENT = "tunnel-client"
    SYSTEM = "system"


class AppUnknownError(LookupError):
    """The catalogue has no such app on this platform."""


@dataclass(frozen=True, slots=True)
class App:
    """An app on one platform.

    `key` is what the lab calls it (`outlook`), `id` its bundle id, package name or executable path. `through` is the
    key of the app that its login goes through, for the surfaces that have one.
    """

    key: str
    name: str
    platform: Platform
    id: str
    surface: Surface
    through: str = ""
    role: Role = Role.APP


class _Installation(Model):
    id: str
    surface: Surface
    through: str = ""


class _CatalogueEntry(Entry):
    app: str
    name: str
    platforms: Mapping[Platform, _Installation]
    role: Role = Role.APP


class _Catalogue(Model):
    version: FormatVersion
    date: date
    apps: tuple[_CatalogueEntry, ...]


@functools.cache
def apps_on(platform: Platform) -> tuple[App, ...]:
    """The apps of the catalogue that exist on `platform`, in its order."""
    return tuple(
        App(each.app, each.name, platform, here.id, here.surface, here.through, each.role)
        for each in _catalogue().apps
        if (here := each.platforms.get(platform)) is not None
    )


def find_app(platform: Platform, name: str) -> App:
    """The app that the lab calls `name`, or whose identifier it is. Raises AppUnknownError, with what there is."""
    known = apps_on(platform)
    for app in known:
        if name == app.key or same_app(platform, name, app.id):
            return app
    keys = [app.key for app in known]
    raise AppUnknownError(f"no app '{name}' on {platform}{suggestion(name, keys)}; there are {', '.join(keys)}")


def system_browser(platform: Platform) -> App:
    """The browser that the device opens a page in by itself."""
    return find_app(platform, _BROWSERS[platform])


@functools.cache
def is_out_of_reach(platform: Platform, identifier: str) -> bool:
    """Whether no VPN profile reaches this app: parts of the system, and the native mail that they serve."""
    return any(
        same_app(platform, identifier, app.id)
        for app in apps_on(platform)
        if app.role is Role.SYSTEM or app.surface is Surface.NATIVE_MAIL
    )


@functools.cache
def _catalogue() -> _Catalogue:
    return source.read(_CATALOGUE, _Catalogue).content
