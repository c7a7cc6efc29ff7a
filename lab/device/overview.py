"""How the apps of a platform would sign in under a rule set: who would open what, and which way it would go. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from dtr_rules import Index, Platform
from lab.device.apps import App, Role, apps_on, system_browser
from lab.device.parts import Parts, parts_of
from lab.device.routing import Path, Situation, route
from lab.network import ENTRA_HOST, OKTA_HOST


@dataclass(frozen=True, slots=True)
class Opening:
    """What an app would open, on which way."""

    app: App
    path: Path


@dataclass(frozen=True, slots=True)
class Login:
    """A login at one identity provider: who shows the page, who asks for the tokens. Both have to be let in."""

    page: Opening
    tokens: Opening


@dataclass(frozen=True, slots=True)
class AppLogins:
    """An app and its logins."""

    app: App
    at_okta: Login
    at_entra: Login


def logins_of(platform: Platform, rules: Index) -> tuple[AppLogins, ...]:
    """Every app that people sign in with, on a device of which nothing is missing, off any trusted network."""
    situation, apps, browser = Situation(platform, rules), apps_on(platform), system_browser(platform)

    def opening(app: App, host: str) -> Opening:
        return Opening(app, route(situation, app=app.id, host=host, port=443).path)

    def login(parts: Parts, page: App, host: str) -> Login:
        return Login(opening(page, host), opening(parts.asks, host))

    found = []
    for app in apps:
        if app.role in (Role.TUNNEL_CLIENT, Role.SYSTEM):
            continue
        okta = parts_of(app, beside=apps, browser=browser, has_brokers=False)
        entra = parts_of(app, beside=apps, browser=browser, has_brokers=True)
        at_okta = login(okta, okta.extension or okta.pages, OKTA_HOST)
        found.append(AppLogins(app, at_okta, login(entra, entra.pages, ENTRA_HOST)))
    return tuple(found)
