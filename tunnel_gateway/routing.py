"""From an admitted device's request to the way that it takes: the rules, the addresses behind the name, the egress.

The rules are asked about the name first and then about each address that it leads to; nothing is dialled here.
"""

from __future__ import annotations

import ssl
from dataclasses import replace
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from dtr_rules import Action, Decision, Flow, RuleSet
from dtr_rules.hosts import Address, Host, HostError, parse_host
from dtr_rules.reasons import DecisionReason
from tunnel_gateway.admission import Admission
from tunnel_gateway.connect import Permit
from tunnel_gateway.dialer import Dialer, Target
from tunnel_gateway.egress import EgressPools, PoolPlan
from tunnel_gateway.head import ConnectHead
from tunnel_gateway.mitm import Onward
from tunnel_gateway.reasons import Reason, RefusalError
from tunnel_gateway.rule_book import DeviceRules, RuleBook
from tunnel_gateway.sni import SniPolicy
from tunnel_gateway.trail import Trail

TUNNELLED_PORT: Final = 443
"""The port that a rule means which names none."""

_BEFORE_RULES: Final = frozenset({DecisionReason.LOOPBACK, DecisionReason.GO_DIRECT, DecisionReason.NOT_IN_VPN_PROFILE})
_BY_PROXY: Final = frozenset({Action.PROXY, Action.TUNNEL_PROXY})
_FROM_THE_ZONE: Final = _BY_PROXY | {Action.TUNNEL}


class Router:
    """The rules, the way to addresses, the egress addresses, and the look inside TLS. A reload sets another `book`."""

    def __init__(
        self,
        book: RuleBook,
        dialer: Dialer,
        egress: EgressPools,
        sni: SniPolicy | None = None,
        proxy_tls: ssl.SSLContext | None = None,
    ) -> None:
        self.book = book
        self.dialer = dialer
        self.egress = egress
        self._sni = sni or SniPolicy()
        self._proxy_tls = proxy_tls

    async def route(self, trail: Trail, device: Admission, head: ConnectHead) -> Permit:
        """The way for what `head` asks. Fills the trail, or raises RefusalError."""
        trail.host, trail.port = head.host, head.port
        host = _host(head.host)
        trail.host = str(host)
        flow = Flow(device.platform, host, head.port, app=head.app)
        decision, targets = await self._decide(trail, flow, self._rules(device))
        onward = None
        if decision.action in _BY_PROXY:
            onward, targets = await self._by_proxy(decision, flow)
        egress = self.egress.for_device(
            self._pool(decision), device.udid, [target.address.ip.version for target in targets]
        )
        trail.egress = str(egress)
        usable = tuple(
            (str(target.address), target.port) for target in targets if target.address.ip.version == egress.version
        )
        return Permit(usable, str(egress), Reason(decision.reason), onward, self._sni.check(host, head.port))

    def judge(self, trail: Trail, device: Admission) -> None:
        """Whether an open tunnel still passes, for what its device is now: by the same way. Raises RefusalError."""
        assert trail.flow is not None
        assert trail.address is not None
        flow = trail.flow if trail.flow.platform is device.platform else replace(trail.flow, platform=device.platform)
        index = self._rules(device).active
        decision = index.decide(flow)
        pool = self._pool(decision)
        _judge_port(index.rule_set, decision, flow)
        if decision.action is not trail.action:
            raise RefusalError(Reason(decision.reason), f"{_by(decision)} now says {decision.action}")
        self.dialer.judge(Address(ip_address(trail.address)))
        if not any(str(address) == trail.egress for address in self.egress.usable(pool)):
            raise RefusalError(Reason.EGRESS_UNAVAILABLE, f"{trail.egress} is no longer an address of '{pool.name}'")

    def _rules(self, device: Admission) -> DeviceRules:
        rules = self.book.rules_for(device)
        if rules is None:
            raise RefusalError(Reason.DEVICE_NOT_COMPLIANT, "restricted, and there is no compliance rule set")
        return rules

    async def _decide(self, trail: Trail, flow: Flow, device_rules: DeviceRules) -> tuple[Decision, list[Target]]:
        """The addresses that the rules let this flow reach: the rules are asked about the name, then each address."""
        index, rules = device_rules.active, device_rules.active.rule_set
        trail.rule_set = rules.digest
        by_name = index.decide(flow)
        self._note(trail, by_name, flow, device_rules)
        if not self._serves(by_name) and (by_name.reason in _BEFORE_RULES or not index.has_address_patterns):
            raise _refusal(by_name)
        if self._serves(by_name):
            _judge_port(rules, by_name, flow)
        if by_name.action in _BY_PROXY:
            self.dialer.judge(flow.host)
            return by_name, []
        found = await self.dialer.targets(flow.host, flow.port)
        ways = [(target, _at(flow, target)) for target in found]
        decisions = [(target, at, index.decide(at)) for target, at in ways]
        kept = [way for way in decisions if self._serves(way[2])]
        _, at, decision = kept[0] if kept else decisions[0]
        self._note(trail, decision, at, device_rules)
        if not kept:
            raise _refusal(decision)
        _judge_port(rules, decision, at)
        return decision, [target for target, _, each in kept if each == decision]

    async def _by_proxy(self, decision: Decision, flow: Flow) -> tuple[Onward, list[Target]]:
        """The proxy that the decision names, as what is dialled; it resolves the host itself."""
        url = urlsplit(decision.proxy if "://" in (decision.proxy or "") else f"https://{decision.proxy}")
        if url.scheme != "https" or url.hostname is None or url.port is None or self._proxy_tls is None:
            raise RefusalError(Reason.CONNECT_FAILED, f"{_by(decision)} names no HTTPS proxy, and no other is used")
        host = _host(url.hostname)
        target = f"[{flow.host}]:{flow.port}" if ":" in str(flow.host) else f"{flow.host}:{flow.port}"
        return Onward(self._proxy_tls, str(host), target), await self.dialer.targets(host, url.port)

    def _pool(self, decision: Decision) -> PoolPlan:
        """The pool that it leaves from. Raises RefusalError where the gateway does not serve the decision."""
        if decision.action in _FROM_THE_ZONE:
            pool = self.egress.pool_of(decision.rule, in_zone=True)
            if pool is None:
                raise RefusalError(Reason.EGRESS_UNAVAILABLE, f"no egress pool serves {_by(decision)}")
            return pool
        pool = self.egress.pool_of(decision.rule, in_zone=False) if _goes_direct(decision) else None
        if pool is None:
            raise _refusal(decision)
        return pool

    def _serves(self, decision: Decision) -> bool:
        """An action that means something on the device alone is a refusal here."""
        if decision.action in _FROM_THE_ZONE:
            return True
        return _goes_direct(decision) and self.egress.pool_of(decision.rule, in_zone=False) is not None

    @staticmethod
    def _note(trail: Trail, decision: Decision, flow: Flow, device_rules: DeviceRules) -> None:
        trail.action, trail.rule, trail.rule_index = decision.action, decision.rule, decision.rule_index
        trail.flow = flow
        trail.would = device_rules.would(flow, decision)


def _host(text: str) -> Host:
    try:
        return parse_host(text)
    except HostError as error:
        raise RefusalError(Reason.HOST_INVALID, f"the host {error}") from error


def _at(flow: Flow, target: Target) -> Flow:
    """The flow once its address is known. Where the operator leads a host elsewhere, the name alone decides."""
    return flow if target.mapped else replace(flow, address=target.address)


def _goes_direct(decision: Decision) -> bool:
    """Whether the rules, or their default, say bypass. What never comes to the rules has a reason of its own."""
    ruled = decision.reason in (DecisionReason.RULE, DecisionReason.DEFAULT_ACTION)
    return ruled and decision.action is Action.BYPASS


def _refusal(decision: Decision) -> RefusalError:
    if _goes_direct(decision):
        return RefusalError(Reason.GO_DIRECT, f"{_by(decision)} says bypass: the device reaches it without the tunnel")
    words = f"{_by(decision)} says {decision.action}, which the gateway does not serve"
    return RefusalError(Reason(decision.reason), words)


def _by(decision: Decision) -> str:
    return f"the rule '{decision.rule}'" if decision.rule is not None else str(decision.reason)


def _judge_port(rules: RuleSet, decision: Decision, flow: Flow) -> None:
    """A rule that names no port means the login port; any other must stand in the rule that decided."""
    if flow.port == TUNNELLED_PORT:
        return
    rule = None if decision.rule_index is None else rules.rules[decision.rule_index]
    named = () if rule is None else [each for each in rule.destinations if each.ports is not None]
    apex = rules.wildcard_matches_apex
    if not any(each.matches(flow.host, flow.port, flow.address, wildcard_matches_apex=apex) for each in named):
        words = f"no destination of the rule names port {flow.port}, so only {TUNNELLED_PORT} is meant"
        raise RefusalError(Reason.PORT_NOT_ALLOWED, words)
