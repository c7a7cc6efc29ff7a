"""DTR203: a broker app goes through the tunnel, but not the app that asks for the token."""

from __future__ import annotations

from collections.abc import Iterator

from dtr_rules.catalogue.known_apps import Part, has_part
from dtr_rules.catalogue.login_hosts import Endpoint, PathClass
from dtr_rules.catalogue.providers import NamedHost
from dtr_rules.lint.check import Check, Found, Subject
from dtr_rules.lint.finding import Example, Finding, Severity
from dtr_rules.lint.universe import is_tunnelled
from dtr_rules.lint.words import app_words, decision_words, listed
from dtr_rules.model import Platform


def _find(subject: Subject) -> Found:
    for platform in subject.universe.platforms:
        for host in subject.named_hosts:
            entry = host.entry
            if entry.path is PathClass.JUDGED and Endpoint.TOKEN in entry.endpoints and platform in entry.platforms:
                yield from _at(subject, platform, host)


def _at(subject: Subject, platform: Platform, host: NamedHost) -> Iterator[Finding]:
    examples = [
        Example(*subject.universe.decide(platform, app, host.example)) for app in subject.universe.apps(platform)
    ]
    brokers = [each for each in examples if has_part(Part.BROKER, platform, each.flow.app)]
    others = [each for each in examples if each not in brokers and not _is_no_asker(platform, each.flow.app)]
    left_out = [each for each in others if not is_tunnelled(each.decision)]
    if not any(is_tunnelled(each.decision) for each in brokers) or not left_out:
        return
    if len(left_out) < len(others) and all(each.flow.app is None for each in left_out):
        return  # some apps were chosen, and the broker is one of them
    broker = next(each for each in brokers if is_tunnelled(each.decision))
    yield Finding(
        severity=Severity.ERROR,
        message=f"on {platform} the broker {broker.flow.app} reaches {host.name} through the tunnel, but "
        f"{listed(app_words(each.flow.app) for each in left_out)} does not: {decision_words(left_out[0].decision)}",
        fix="Let the rule be for the apps that ask for tokens, too, or for all apps.",
        path=("default",) if broker.decision.rule_index is None else ("rules", broker.decision.rule_index),
        rule_index=broker.decision.rule_index,
        about=host.name,
        examples=(left_out[0], broker, *left_out[1:]),
    )


def _is_no_asker(platform: Platform, app: str | None) -> bool:
    return any(has_part(part, platform, app) for part in (Part.BROWSER, Part.NATIVE_MAIL))


CHECK = Check(
    id="DTR203",
    name="broker-alone",
    severities=(Severity.ERROR,),
    what="A broker app (Microsoft Authenticator, Company Portal) reaches a login host through the tunnel, but the app "
    "that asks for the token does not.",
    why="The app itself redeems the authorization, and its address is judged at that point, too.",
    fix="Let the rule be for the apps that ask for tokens, too, or for all apps.",
    find=_find,
    needs_provider=True,
)
