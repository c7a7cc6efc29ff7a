"""The values of the rule engine: what a device wants to do, what the rules say, what came out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from dtr_rules.reasons import DecisionReason

if TYPE_CHECKING:
    from dtr_rules.destinations import Destination
    from dtr_rules.hosts import Address, Host


class Platform(StrEnum):
    """A device platform that a rule can name."""

    IOS = "ios"
    ANDROID = "android"
    WINDOWS = "windows"
    MACOS = "macos"


class Mode(StrEnum):
    """What a set applies to: apps that carry its VPN profile, or everything on the device."""

    PER_APP = "per-app"
    FULL_DEVICE = "full-device"


class Action(StrEnum):
    """The product's six actions."""

    TUNNEL = "tunnel"
    BYPASS = "bypass"
    BLOCK = "block"
    PROXY = "proxy"
    TUNNEL_PROXY = "tunnel-proxy"
    WEB_PROXY = "web-proxy"

    @property
    def needs_proxy(self) -> bool:
        """Whether the action sends traffic to a proxy, which it then has to name."""
        return self in (Action.PROXY, Action.TUNNEL_PROXY, Action.WEB_PROXY)


@dataclass(frozen=True, slots=True)
class Flow:
    """One attempt of an app on a device to reach a host.

    `app` is the bundle id, package name or executable path; None where it is not known, which matches only
    rules for all apps. `address` is what the host resolved to, where that is known. `in_vpn_profile` is None
    where it is not known whether the app carries the VPN profile; a set's `profile_apps` then answers.
    """

    platform: Platform
    host: Host
    port: int = 443
    app: str | None = None
    address: Address | None = None
    in_vpn_profile: bool | None = None
    on_trusted_network: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A device traffic rule. `apps` is None for all apps whose VPN profile carries the set."""

    name: str
    platforms: frozenset[Platform]
    apps: frozenset[str] | None
    action: Action
    destinations: tuple[Destination, ...]
    proxy: str | None = None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """An ordered list of rules and the default action that comes after the last of them.

    `profile_apps` are the apps that carry the VPN profile; None where the file does not say.
    """

    name: str
    mode: Mode
    default: Action
    rules: tuple[Rule, ...]
    default_proxy: str | None = None
    profile_apps: frozenset[str] | None = None
    wildcard_matches_apex: bool = False
    digest: str = field(init=False, compare=False, default="")
    """SHA-256 of the set's canonical form, hex: two files that mean the same set have the same digest."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", hashlib.sha256(self.canonical().encode()).hexdigest())

    def canonical(self) -> str:
        """The set as JSON in one form: keys and unordered things sorted, no spaces, patterns normalised."""
        meaning = {
            "version": 1,
            "name": self.name,
            "mode": self.mode,
            "default": self.default,
            "default-proxy": self.default_proxy,
            "profile-apps": _sorted(self.profile_apps),
            "wildcard-matches-apex": self.wildcard_matches_apex,
            "rules": [_canonical_rule(rule) for rule in self.rules],
        }
        return json.dumps(meaning, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rules say of a flow, and why. `rule` and `rule_index` (from 0) go with the reason `rule`."""

    action: Action
    reason: DecisionReason
    rule: str | None = None
    rule_index: int | None = None
    destination: str | None = None
    """The destination pattern that matched, as the file writes it."""
    proxy: str | None = None
    """The proxy of a proxy action."""


def _canonical_rule(rule: Rule) -> dict[str, object]:
    return {
        "name": rule.name,
        "platforms": sorted(rule.platforms),
        "apps": _sorted(rule.apps),
        "action": rule.action,
        "proxy": rule.proxy,
        "to": sorted({str(destination) for destination in rule.destinations}),
    }


def _sorted(apps: frozenset[str] | None) -> list[str] | None:
    return None if apps is None else sorted(apps)
