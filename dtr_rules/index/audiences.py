"""Whom a rule is for, in numbers: every app on a platform, or one app on one platform.

Platforms have the numbers from 0, in the order of `Platform`. An app that the set names has a number on each platform;
divided by the count of platforms, it leaves the platform's number. An app that no rule names, or that nobody knows,
goes by its platform's number.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

from dtr_rules.apps import SAFARI, is_safari
from dtr_rules.model import Action, Decision, Platform, Rule, RuleSet
from dtr_rules.reasons import DecisionReason

Audience: TypeAlias = frozenset[int]

PLATFORMS: Final = tuple(Platform)


class Asker(NamedTuple):
    """All that a set says of an app on a platform before any host is looked at."""

    platform: int
    number: int
    outside: bool
    """The set's list of apps leaves it out of the VPN profile: what counts in a per-app set, unless the flow knows."""
    unmatched: Decision
    """What happens where no rule matches."""


class Askers(NamedTuple):
    """The apps of one platform."""

    ignores_case: bool
    named: dict[str, Asker]
    """By the folded id, and by the id as the set writes it, which is how most ask."""
    unnamed: Asker
    unknown: Asker

    def of(self, app: str) -> Asker:
        """The app, however its id is written."""
        return self.named.get(app.lower() if self.ignores_case else app, self.unnamed)


class Audiences:
    """The numbers of one rule set."""

    def __init__(self, rule_set: RuleSet) -> None:
        apps = {app for rule in rule_set.rules for app in rule.apps or ()}
        apps |= {*(rule_set.profile_apps or ()), *SAFARI.values()}
        self._numbers = [_numbers(index, apps) for index in range(len(PLATFORMS))]
        self._made: dict[tuple[frozenset[Platform], frozenset[str] | None], Audience | None] = {}
        self.askers = {
            platform: _askers(rule_set, index, self._numbers[index], apps) for index, platform in enumerate(PLATFORMS)
        }

    def of(self, rule: Rule) -> Audience | None:
        """Whom the rule is for; None for every app on every platform. Rules for the same apps share one object."""
        key = (rule.platforms, rule.apps)
        if key not in self._made:
            self._made[key] = self._audience(rule)
        return self._made[key]

    def _audience(self, rule: Rule) -> Audience | None:
        indexes = [index for index, platform in enumerate(PLATFORMS) if platform in rule.platforms]
        if rule.apps is not None:
            return frozenset(
                self._numbers[index][_folded(PLATFORMS[index], app)] for index in indexes for app in rule.apps
            )
        return None if len(indexes) == len(PLATFORMS) else frozenset(indexes)


def _numbers(index: int, apps: set[str]) -> dict[str, int]:
    names = sorted({_folded(PLATFORMS[index], app) for app in apps})
    return {name: count * len(PLATFORMS) + index for count, name in enumerate(names, 1)}


def _folded(platform: Platform, app: str) -> str:
    """The one form of all ids that `same_app` takes for one."""
    return app if platform is Platform.ANDROID else app.lower()


def _askers(rule_set: RuleSet, index: int, numbers: dict[str, int], apps: set[str]) -> Askers:
    platform = PLATFORMS[index]
    listed = rule_set.profile_apps is not None
    profile = {_folded(platform, app) for app in rule_set.profile_apps or ()}
    default = Decision(rule_set.default, DecisionReason.DEFAULT_ACTION, proxy=rule_set.default_proxy)
    safari = Decision(Action.BYPASS, DecisionReason.SAFARI_HAS_NO_DEFAULT)
    named = {
        name: Asker(index, number, listed and name not in profile, safari if is_safari(platform, name) else default)
        for name, number in numbers.items()
    }
    named |= {app: named[_folded(platform, app)] for app in apps}
    unnamed = Asker(index, index, listed, default)
    unknown = Asker(index, index, outside=False, unmatched=default)
    return Askers(platform is not Platform.ANDROID, named, unnamed, unknown)
