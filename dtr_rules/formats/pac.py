"""A rule set as a PAC file: the script that a browser asks for the proxy of each URL.

It decides as the engine does for one platform and one app (or an app that is not known), off the trusted network, for
every host and port that a browser can ask. PAC has no words for some of it:

- tunnel: the gateway as an HTTPS proxy; the browser needs the device's certificate for it;
- block: a proxy that is not there, since PAC cannot refuse;
- tunnel-proxy: cannot be said, because PAC names one proxy and not a chain; refused where it could decide;
- addresses behind names: not known to PAC unless it asks with `dnsResolve`, which answers with one IPv4 address.
  Without it address destinations decide for hosts that are addresses, as in the engine where the address is not known.
"""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from dtr_rules.apps import is_safari
from dtr_rules.destinations import AddressRange, NamePattern, Ports
from dtr_rules.evaluate import covers_app, in_vpn_profile
from dtr_rules.hosts import Name
from dtr_rules.model import Action, Decision, Flow, Platform, Rule, RuleSet

BLOCKED: Final = "127.0.0.1:9"
"""Where blocked connections go: the discard port (RFC 863) of the device itself, on which nothing listens."""

_ANY_HOST: Final = Name("any.invalid")


class NotInPacError(Exception):
    """A rule that decides and that PAC cannot express. `rule_index` is None for the default action."""

    def __init__(self, message: str, rule_index: int | None) -> None:
        super().__init__(message)
        self.rule_index = rule_index


class GatewayMissingError(NotInPacError):
    """A rule tunnels, and nobody has said through which gateway."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, and how the answers are to be said.

    `gateway` and `blocked` are `host:port`; `resolve` is whether address destinations may ask DNS. `direct` and
    `tunnel` are whole answers, for a proxy of the device's own that takes both; without `tunnel` it is the `gateway`.
    """

    platform: Platform
    app: str | None = None
    gateway: str | None = None
    blocked: str = BLOCKED
    resolve: bool = False
    direct: str = "DIRECT"
    tunnel: str | None = None


def write_pac(rule_set: RuleSet, asking: Asking) -> str:
    """The PAC file of `rule_set`. Raises NotInPacError."""
    someone = Flow(asking.platform, _ANY_HOST, app=asking.app)
    if in_vpn_profile(rule_set, someone) is False:
        return _script(rule_set, asking, [], asking.direct)
    rules = [
        _rule(index, rule, asking, apex=rule_set.wildcard_matches_apex)
        for index, rule in enumerate(rule_set.rules)
        if asking.platform in rule.platforms and covers_app(rule, someone)
    ]
    if is_safari(asking.platform, asking.app):
        return _script(rule_set, asking, rules, asking.direct)
    default = _answer(rule_set.default, rule_set.default_proxy, asking, None)
    return _script(rule_set, asking, rules, default)


def answer(decision: Decision, asking: Asking) -> str:
    """What a PAC file answers for `decision`. Raises NotInPacError."""
    return _answer(decision.action, decision.proxy, asking, decision.rule_index)


def notes(rule_set: RuleSet, asking: Asking) -> list[str]:
    """What the PAC file leaves out or says in its own way, in words."""
    someone = Flow(asking.platform, _ANY_HOST, app=asking.app)
    if in_vpn_profile(rule_set, someone) is False:
        return [f"{asking.app} does not carry the VPN profile: everything goes direct"]
    said = ["a PAC file knows no trusted network; it decides as off it"]
    mine = [rule for rule in rule_set.rules if asking.platform in rule.platforms]
    left_out = [rule.name for rule in mine if not covers_app(rule, someone)]
    if left_out:
        who = f"not for {asking.app}" if asking.app else "for named apps only; choose one with --app"
        said.append(f"left out, {who}: {', '.join(left_out)}")
    deciding = [rule for rule in mine if covers_app(rule, someone)]
    addresses = [rule.name for rule in deciding if _names_addresses(rule)]
    if addresses and not asking.resolve:
        named = ", ".join(addresses)
        said.append(f"address destinations match hosts that are addresses, not names (--resolve): {named}")
    if addresses and asking.resolve:
        said.append("for address destinations the browser asks DNS, and judges one IPv4 address of the answer")
    if Action.BLOCK in (rule_set.default, *(rule.action for rule in deciding)):
        said.append(f"PAC cannot refuse: blocked connections go to {asking.blocked}, where nothing listens")
    return said


def _answer(action: Action, proxy: str | None, asking: Asking, rule_index: int | None) -> str:
    match action:
        case Action.BYPASS:
            return asking.direct
        case Action.BLOCK:
            return f"PROXY {asking.blocked}"
        case Action.PROXY | Action.WEB_PROXY if proxy is not None:
            scheme, _, endpoint = proxy.rpartition("://")
            return f"{'HTTPS' if scheme == 'https' else 'PROXY'} {endpoint}"
        case Action.TUNNEL if asking.tunnel is not None:
            return asking.tunnel
        case Action.TUNNEL if asking.gateway is not None:
            return f"HTTPS {asking.gateway}"
        case Action.TUNNEL:
            raise GatewayMissingError("a PAC file names the gateway to tunnel to; give --gateway HOST:PORT", rule_index)
    raise NotInPacError(f"a PAC file cannot say '{action}': it names one proxy, not a chain", rule_index)


def _rule(index: int, rule: Rule, asking: Asking, *, apex: bool) -> dict[str, Any]:
    """The rule as the script's data: a table of names and endings, other patterns, address ranges."""
    entry: dict[str, Any] = {"rule": rule.name, "answer": _answer(rule.action, rule.proxy, asking, index)}
    names: dict[str, list[Ports | None]] = {}
    parts: dict[tuple[str, str], list[Ports | None]] = {}
    addresses: dict[tuple[str, str], list[Ports | None]] = {}
    everything: list[Ports | None] = []
    for destination in rule.destinations:
        target = destination.target
        if isinstance(target, AddressRange):
            addresses.setdefault((_digits(target.first), _digits(target.last)), []).append(destination.ports)
        elif target.is_everything:
            everything.append(destination.ports)
        else:
            for how, text in _tests(target, apex=apex):
                table: dict[Any, list[Ports | None]] = names if how == "name" else parts
                table.setdefault(text if how == "name" else (how, text), []).append(destination.ports)
    if everything:
        entry["all"] = _ports(everything)
    if names:
        entry["names"] = {text: _ports(ports) for text, ports in names.items()}
    if parts:
        entry["parts"] = [[how, text, _ports(ports)] for (how, text), ports in parts.items()]
    if addresses:
        entry["addresses"] = [[first, last, _ports(ports)] for (first, last), ports in addresses.items()]
    return entry


def _tests(pattern: NamePattern, *, apex: bool) -> Iterable[tuple[str, str]]:
    """How the script looks for `pattern`: in the table (`=name`, `.ending`), or by comparing a part of the name."""
    literal, dotted = pattern.literal, pattern.literal.startswith(".")
    if pattern.open_start and pattern.open_end:
        yield "contains", literal
        if apex and dotted:
            yield "starts", literal[1:]
    elif pattern.open_start:
        yield ("name", literal) if dotted else ("ends", literal)
        if apex and dotted:
            yield "name", f"={literal[1:]}"
    elif pattern.open_end:
        yield "starts", literal
    else:
        yield "name", f"={literal}"


def _ports(ports: list[Ports | None]) -> object:
    if None in ports:
        return 0
    return [[each.first, each.last] for each in ports if each is not None]


def _digits(ip: Any) -> str:
    return f"{int(ip):0{ip.max_prefixlen // 4}x}"


def _script(rule_set: RuleSet, asking: Asking, rules: list[dict[str, Any]], default: str) -> str:
    about = [
        f"device traffic rules {rule_set.name}, digest {rule_set.digest[:12]}",
        f"for {asking.app or 'an app that is not known'} on {asking.platform}",
        *notes(rule_set, asking),
    ]
    listed = ",\n".join(f"  {_json(rule)}" for rule in rules)
    body = importlib.resources.files("dtr_rules.formats").joinpath("pac.js").read_text(encoding="utf-8")
    return "".join(
        (
            *(f"// {_json(line)[1:-1]}\n" for line in about),
            f"var RULES = [\n{listed}\n];\n" if rules else "var RULES = [];\n",
            f"var DEFAULT_ANSWER = {_json(default)};\n",
            f"var RESOLVE = {_json(asking.resolve)};\n",
            body,
        )
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True)


def _names_addresses(rule: Rule) -> bool:
    return any(isinstance(each.target, AddressRange) for each in rule.destinations)
