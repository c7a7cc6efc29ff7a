"""DTR205: the native Mail app of iOS relied on."""

from __future__ import annotations

from dtr_rules.apps import same_app
from dtr_rules.catalogue.known_apps import KnownApp, Part, apps_with
from dtr_rules.lint.check import Check, Found, Subject
from dtr_rules.lint.examples import flow_of
from dtr_rules.lint.finding import Finding, Severity
from dtr_rules.lint.words import rule_words
from dtr_rules.model import Platform


def _find(subject: Subject) -> Found:
    for platform in subject.universe.platforms:
        for mail in apps_with(Part.NATIVE_MAIL, platform):
            for index, rule in enumerate(subject.rule_set.rules):
                if platform in rule.platforms and _names(platform, rule.apps, mail):
                    yield _in_rule(subject, index, mail)
            if _names(platform, subject.rule_set.profile_apps, mail):
                yield _in_profile(subject, platform, mail)


def _names(platform: Platform, apps: frozenset[str] | None, mail: KnownApp) -> bool:
    return any(same_app(platform, app, mail.app) for app in apps or ())


def _in_rule(subject: Subject, index: int, mail: KnownApp) -> Finding:
    flow = flow_of(subject.universe, mail.platform, mail.app, (subject.rule_set.rules[index],))
    return Finding(
        severity=Severity.WARNING,
        message=f"{rule_words(subject.rule_set, index)} names the native {mail.name} app of {mail.platform}, whose "
        f"sign-in no rule reaches",
        fix="Use a mail app that can be tunnelled (such as Boxer), and take native Mail out of the rule.",
        path=("rules", index, "apps"),
        rule_index=index,
        about=mail.app,
        examples=(subject.example(flow),),
    )


def _in_profile(subject: Subject, platform: Platform, mail: KnownApp) -> Finding:
    rules = [rule for rule in subject.rule_set.rules if platform in rule.platforms]
    return Finding(
        severity=Severity.WARNING,
        message=f"profile-apps names the native {mail.name} app of {mail.platform}, whose sign-in no rule reaches",
        fix="Use a mail app that can be tunnelled (such as Boxer), and take native Mail out of the list.",
        path=("profile-apps",),
        about=mail.app,
        examples=(subject.example(flow_of(subject.universe, platform, mail.app, rules)),),
    )


CHECK = Check(
    id="DTR205",
    name="native-mail",
    severities=(Severity.WARNING,),
    what="The set relies on the native Mail app of iOS.",
    why="Native Mail takes its token in the system's settings, not in a web view of its own: the Tunnel client never "
    "sees that request, whatever the rules say. The example flow shows what the set promises in vain.",
    fix="Use a mail app that can be tunnelled, such as Boxer.",
    find=_find,
)
