"""DTR204: login pages that open in the system's browser, which does not go through the tunnel."""

from __future__ import annotations

from collections.abc import Iterator

from dtr_rules.catalogue.entry import Sure
from dtr_rules.catalogue.known_apps import KnownApp, Part, apps_with
from dtr_rules.catalogue.login_hosts import Endpoint, PathClass
from dtr_rules.catalogue.providers import NamedHost
from dtr_rules.lint.check import Check, Found, Subject
from dtr_rules.lint.finding import Example, Finding, Severity
from dtr_rules.lint.universe import is_tunnelled
from dtr_rules.lint.words import decision_words, listed
from dtr_rules.model import Platform


def _find(subject: Subject) -> Found:
    for platform in subject.universe.platforms:
        for browser in apps_with(Part.BROWSER, platform):
            yield from _of(subject, platform, browser)


def _of(subject: Subject, platform: Platform, browser: KnownApp) -> Iterator[Finding]:
    missed = [
        Example(*subject.universe.decide(platform, browser.app, host.example))
        for host in subject.named_hosts
        if _has_pages(host) and platform in host.entry.platforms and _is_reached(subject, platform, host)
    ]
    missed = [each for each in missed if not is_tunnelled(each.decision)]
    if not missed:
        return
    yield Finding(
        severity=Severity.WARNING if browser.sure is Sure.DOCUMENTED else Severity.NOTE,
        message=f"on {platform} apps reach {listed(str(each.flow.host) for each in missed)} through the tunnel, but a "
        f"login page that opens in {browser.name} ({browser.app}) does not: {decision_words(missed[0].decision)}",
        fix=f"Let {browser.app} carry the VPN profile, and the tunnel rule be for it, too.",
        path=("rules",),
        about=browser.app,
        examples=tuple(missed),
    )


def _has_pages(host: NamedHost) -> bool:
    entry = host.entry
    return entry.path is PathClass.JUDGED and Endpoint.SIGN_IN in entry.endpoints and entry.sure is Sure.DOCUMENTED


def _is_reached(subject: Subject, platform: Platform, host: NamedHost) -> bool:
    return any(
        is_tunnelled(subject.universe.decide(platform, app, host.example)[1]) for app in subject.universe.apps(platform)
    )


CHECK = Check(
    id="DTR204",
    name="login-page-in-browser",
    severities=(Severity.WARNING, Severity.NOTE),
    what="Apps reach a login host through the tunnel, but the system's browser, where their login pages open, does "
    "not (iOS: Safari).",
    why="Many apps sign in with the system's browser (ASWebAuthenticationSession on iOS, Custom Tabs on Android): the "
    "request is then the browser's, and a rule for the app alone misses it. A note on Android, where the package that "
    "counts is not confirmed.",
    fix="Let the browser carry the VPN profile, and the tunnel rule be for it, too.",
    find=_find,
    needs_provider=True,
)
