"""Which way a connection of an app goes: the installed rule set asked about one flow."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from dtr_rules import Action, Decision, DecisionReason, Flow, Index, Platform
from dtr_rules.hosts import HostError, parse_host
from lab.device.apps import is_out_of_reach
from lab.device.knobs import Knobs
from lab.device.profile import InstalledProfile


class Path(StrEnum):
    """The way of a connection."""

    TUNNEL = "tunnel"
    DIRECT = "direct"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Route:
    """A way, and the words for why.

    `reason` and `rule` are the rule set's, where it was asked; `profile` is what a tunnel goes by.
    """

    path: Path
    why: str
    reason: DecisionReason | None = None
    rule: str | None = None
    profile: InstalledProfile | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Situation:
    """What a device's way out depends on, beside the connection itself: `rules` are those of its VPN profile."""

    platform: Platform
    rules: Index | None = None
    on_trusted_network: bool = False
    has_tunnel_app: bool = True
    knobs: Knobs = field(default_factory=Knobs)


def route(situation: Situation, *, app: str, host: str, port: int) -> Route:
    """The way of a connection of `app` to `host:port`. A host that cannot be read is blocked."""
    rules, platform = situation.rules, situation.platform
    if rules is None:
        return Route(Path.DIRECT, "no VPN profile is installed")
    if is_out_of_reach(platform, app):
        return Route(Path.DIRECT, "sent direct because the app is a part of the system that no VPN profile reaches")
    try:
        flow = Flow(
            platform=platform,
            host=parse_host(host),
            port=port,
            app=app,
            on_trusted_network=situation.on_trusted_network and platform in situation.knobs.detects_trusted_networks,
        )
    except HostError as error:
        return Route(Path.BLOCKED, f"blocked, for the host {error}")
    decision = rules.decide(flow)
    path, why = _path(decision.action), _why(decision)
    if not situation.has_tunnel_app:
        path, why = _without_tunnel_app(situation, path)
    return Route(path, why, decision.reason, decision.rule)


def _path(action: Action) -> Path:
    """The lab has no proxies beside the tunnel: what would go to one is blocked, and never direct."""
    return {Action.TUNNEL: Path.TUNNEL, Action.BYPASS: Path.DIRECT}.get(action, Path.BLOCKED)


def _without_tunnel_app(situation: Situation, ruled: Path) -> tuple[Path, str]:
    if ruled is Path.TUNNEL and situation.platform in situation.knobs.cut_off_without_tunnel_app:
        return Path.BLOCKED, "cut off because the Tunnel app, which would tunnel it, is not on the device"
    return Path.DIRECT, "sent direct because no Tunnel app is on the device to apply the rules"


_DONE: Final = {Action.TUNNEL: "tunnelled", Action.BYPASS: "sent direct", Action.BLOCK: "blocked"}
_BECAUSE: Final = {
    DecisionReason.DEFAULT_ACTION: "by the default action",
    DecisionReason.NOT_IN_VPN_PROFILE: "because the app does not carry the VPN profile",
    DecisionReason.SAFARI_HAS_NO_DEFAULT: "because the default action leaves Safari out",
    DecisionReason.LOOPBACK: "because the host is the device itself",
    DecisionReason.GO_DIRECT: "because the device is on a trusted network",
}


def _why(decision: Decision) -> str:
    done = _DONE.get(decision.action, "blocked, for want of a proxy in the lab,")
    return f"{done} {_BECAUSE.get(decision.reason, f'by rule {decision.rule}')}"
