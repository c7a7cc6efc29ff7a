"""Apps that have a part of their own in a sign-in: brokers, browsers, native mail."""

from __future__ import annotations

import functools
from datetime import date
from enum import StrEnum

from dtr_rules import source
from dtr_rules.apps import same_app
from dtr_rules.catalogue.entry import HERE, Entry
from dtr_rules.model import Platform
from dtr_rules.source import FormatVersion, Model


class Part(StrEnum):
    """What an app does in a sign-in."""

    BROKER = "broker"
    BROWSER = "browser"
    NATIVE_MAIL = "native-mail"


class KnownApp(Entry):
    """An app of the catalogue."""

    app: str
    name: str
    platform: Platform
    part: Part


class KnownApps(Model):
    """The catalogue."""

    version: FormatVersion
    date: date
    apps: tuple[KnownApp, ...]


@functools.cache
def known_apps() -> KnownApps:
    """The catalogue that comes with the program."""
    return source.read(HERE / "apps.yaml", KnownApps).content


@functools.cache
def apps_with(part: Part, platform: Platform) -> tuple[KnownApp, ...]:
    """The apps that play `part` on `platform`."""
    return tuple(each for each in known_apps().apps if each.part is part and each.platform is platform)


@functools.cache
def platforms_of(app: str) -> frozenset[Platform]:
    """The platforms that `app` is known to be of; all of them where it is not known."""
    known = {each.platform for each in known_apps().apps if same_app(each.platform, app, each.app)}
    return frozenset(known or Platform)


@functools.cache
def has_part(part: Part, platform: Platform, app: str | None) -> bool:
    """Whether `app` plays `part` on `platform`."""
    return app is not None and any(same_app(platform, app, each.app) for each in apps_with(part, platform))
