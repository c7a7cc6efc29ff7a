"""Who can ask: every platform and app that some rule sets tell apart, each a bit, so that sets of them are integers.

On each platform these are the apps that the sets name, that platform's Safari, and one seat for every other app.
An app that is not known sits with the others, because only rules for all apps cover either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from dtr_rules.analysis.answers import Apps
from dtr_rules.apps import SAFARI
from dtr_rules.model import Platform, RuleSet

_OTHER_APP = "com.example.any-other-app"


@dataclass(frozen=True, slots=True)
class Seats:
    """The seats of some rule sets. `by_app` holds, for each platform, the bit of every app by its compared form."""

    by_app: dict[Platform, dict[str, int]]
    names: dict[int, str]
    """The app of each bit, as a rule set writes it."""
    others: dict[Platform, int]
    other_app: str
    """An app id that no rule set names."""
    _described: dict[int, tuple[Apps, ...]] = field(default_factory=dict)
    _masks: dict[tuple[frozenset[Platform], frozenset[str] | None], int] = field(default_factory=dict)

    def of(self, platforms: frozenset[Platform], apps: frozenset[str] | None) -> int:
        """The seats of `apps` (None for all) on `platforms`."""
        key = (platforms, apps)
        if key not in self._masks:
            self._masks[key] = sum(self._on(platform, apps) for platform in platforms)
        return self._masks[key]

    def _on(self, platform: Platform, apps: frozenset[str] | None) -> int:
        bits = self.by_app[platform]
        if apps is None:
            return sum(bits.values()) + self.others[platform]
        return sum({bits[compared(platform, app)] for app in apps})

    @property
    def all(self) -> int:
        """Every seat."""
        return self.of(frozenset(Platform), None)

    @property
    def safari(self) -> int:
        """The seats of Safari, which the default action does not apply to."""
        return sum(self.by_app[platform][compared(platform, app)] for platform, app in SAFARI.items())

    def first(self, seats: int) -> tuple[Platform, str]:
        """A platform and app out of `seats`, for an example; an app that a set names before another."""
        for platform, bits in self.by_app.items():
            for bit in bits.values():
                if seats & bit:
                    return platform, self.names[bit]
        platform = next(platform for platform, bit in self.others.items() if seats & bit)
        return platform, self.other_app

    def described(self, seats: int) -> tuple[Apps, ...]:
        """`seats` in words: the platforms that have the same apps among them stand together."""
        if seats not in self._described:
            self._described[seats] = self._in_words(seats)
        return self._described[seats]

    def _in_words(self, seats: int) -> tuple[Apps, ...]:
        found: dict[tuple[tuple[str, ...], bool, bool], list[Platform]] = {}
        for platform, bits in self.by_app.items():
            named = tuple(self.names[bit] for bit in bits.values() if seats & bit)
            others = bool(seats & self.others[platform])
            every = others and len(named) == len(bits)
            if named or others:
                found.setdefault((() if every else named, others, every), []).append(platform)
        return tuple(Apps(tuple(platforms), *what) for what, platforms in found.items())


def compared(platform: Platform, app: str) -> str:
    """The form in which an app id is compared on `platform`: see `dtr_rules.apps`."""
    return app if platform is Platform.ANDROID else app.lower()


def seats_of(*rule_sets: RuleSet) -> Seats:
    """The seats that `rule_sets` tell apart; apps that carry the VPN profile come first."""
    apps = list(dict.fromkeys(_apps(rule_sets)))
    by_app: dict[Platform, dict[str, int]] = {}
    names: dict[int, str] = {}
    others = {}
    bit = 1
    for platform in Platform:
        by_app[platform] = {}
        safari = [SAFARI[platform]] if platform in SAFARI else []
        for app in (*apps, *safari):
            if compared(platform, app) not in by_app[platform]:
                by_app[platform][compared(platform, app)] = bit
                names[bit] = app
                bit <<= 1
        others[platform] = bit
        bit <<= 1
    return Seats(by_app, names, others, _unlike(apps))


def _apps(rule_sets: Iterable[RuleSet]) -> Iterable[str]:
    for rule_set in rule_sets:
        yield from sorted(rule_set.profile_apps or ())
    for rule_set in rule_sets:
        for rule in rule_set.rules:
            yield from sorted(rule.apps or ())


def _unlike(apps: Iterable[str]) -> str:
    taken = {app.lower() for app in apps}
    app, number = _OTHER_APP, 2
    while app in taken:
        app, number = f"{_OTHER_APP}-{number}", number + 1
    return app
