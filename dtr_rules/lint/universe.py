"""Which platforms and apps a rule set is for, as far as it says so itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from dtr_rules.apps import is_among
from dtr_rules.catalogue.known_apps import Part, has_part, platforms_of
from dtr_rules.hosts import Host
from dtr_rules.model import Action, Decision, Flow, Mode, Platform, Rule, RuleSet


@dataclass(frozen=True)
class Universe:
    """The flows that a rule set is written for."""

    rule_set: RuleSet
    decision: Callable[[Flow], Decision]

    @cached_property
    def platforms(self) -> tuple[Platform, ...]:
        """The platforms that some rule is for; all of them where there is no rule."""
        named = {platform for rule in self.rule_set.rules for platform in rule.platforms}
        return tuple(platform for platform in Platform if platform in named or not named)

    @property
    def is_open(self) -> bool:
        """Whether apps that the file does not name can carry the VPN profile."""
        return self.rule_set.mode is Mode.FULL_DEVICE or self.rule_set.profile_apps is None

    def apps(self, platform: Platform) -> tuple[str | None, ...]:
        """The apps to ask about on `platform`; None stands for every app that the file does not name."""
        return self._apps[platform]

    @cached_property
    def _apps(self) -> dict[Platform, tuple[str | None, ...]]:
        return {platform: self._apps_on(platform) for platform in Platform}

    def _apps_on(self, platform: Platform) -> tuple[str | None, ...]:
        if not self.is_open:
            return _of_platform(platform, self.rule_set.profile_apps or ())
        named = {app for rule in self.rule_set.rules if platform in rule.platforms for app in rule.apps or ()}
        return (*_of_platform(platform, named), None)

    def app_for(self, rule: Rule, platform: Platform) -> str | None:
        """An app that `rule` is for and, if possible, that carries the VPN profile."""
        candidates = self.apps(platform) if rule.apps is None else _of_platform(platform, rule.apps)
        profile = self.rule_set.profile_apps
        if self.is_open or profile is None:
            return None if rule.apps is None else candidates[0]
        inside = [app for app in candidates if app is not None and is_among(platform, app, profile)]
        return inside[0] if inside else candidates[0]

    def flow_for(self, rule: Rule, host: Host, port: int = 443) -> Flow:
        """A flow to `host` on a platform and from an app that `rule` is for."""
        platform = next(each for each in Platform if each in rule.platforms)
        return Flow(platform=platform, host=host, port=port, app=self.app_for(rule, platform))

    def decide(self, platform: Platform, app: str | None, host: Host) -> tuple[Flow, Decision]:
        """A flow to `host` on port 443, and its decision."""
        flow = Flow(platform=platform, host=host, app=app)
        return flow, self.decision(flow)


def _of_platform(platform: Platform, apps: Iterable[str]) -> tuple[str, ...]:
    """`apps` without those known to be of other platforms only, unless nothing were left; ordinary apps first."""
    here = [app for app in sorted(apps) if platform in platforms_of(app)] or sorted(apps)
    return tuple(sorted(here, key=lambda app: any(has_part(part, platform, app) for part in Part)))


def is_tunnelled(decision: Decision) -> bool:
    """Whether the server sees the gateway's egress address. Behind a proxy it sees the proxy's."""
    return decision.action is Action.TUNNEL
