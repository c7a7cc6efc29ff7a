"""Which way a connection of an app goes: the installed rule set asked about one flow."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dtr_rules import Action, Decision, DecisionReason, Flow, Platform
from dtr_rules.hosts import HostError, parse_host
from lab.device.profile import InstalledProfile


class Path(StrEnum):
    """The way of a connection."""

    TUNNEL = "tunnel"
    DIRECT = "direct"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Route:
    """A way, and the words for why; `profile` is what a tunnel goes by."""

    path: Path
    why: str
    profile: InstalledProfile | None = None


def route(
    profile: InstalledProfile | None,
    platform: Platform,
    *,
    app: str,
    host: str,
    port: int,
    on_trusted_network: bool,
) -> Route:
    """The way of a connection of `app` to `host:port`. A host that cannot be read is blocked."""
    if profile is None:
        return Route(Path.DIRECT, "no VPN profile is installed")
    try:
        flow = Flow(
            platform=platform,
            host=parse_host(host),
            port=port,
            app=app,
            on_trusted_network=on_trusted_network,
        )
    except HostError as error:
        return Route(Path.BLOCKED, str(error))
    decision = profile.rules.decide(flow)
    return Route(_path(decision.action), _why(decision), profile)


def _path(action: Action) -> Path:
    """The lab has no proxies beside the tunnel: what would go to one is blocked, and never direct."""
    return {Action.TUNNEL: Path.TUNNEL, Action.BYPASS: Path.DIRECT}.get(action, Path.BLOCKED)


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
