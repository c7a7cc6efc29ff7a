"""From an admitted device's request to the way that it takes: the rules, the addresses behind the name, the egress.

The rules are asked about the name first and then about each address that it leads to; nothing is dialled here.
"""

from __future__ import annotations

from dataclasses import replace

from dtr_rules import Action, Decision, Flow, RuleSet
from dtr_rules.hosts import Host, HostError, parse_host
from tunnel_gateway.admission import Admission
from tunnel_gateway.connect import Permit
from tunnel_gateway.dialer import Dialer, Target
from tunnel_gateway.egress import EgressPool
from tunnel_gateway.head import ConnectHead
from tunnel_gateway.reasons import Reason, RefusalError
from tunnel_gateway.rule_book import DeviceRules, RuleBook
from tunnel_gateway.trail import Trail

TUNNELLED_PORT = 443
"""The port that a rule means which names none."""


class Router:
    """The rules, the way to addresses, and the egress addresses of one gateway. A reload sets another `book`."""

    def __init__(self, book: RuleBook, dialer: Dialer, egress: EgressPool) -> None:
        self.book = book
        self.dialer = dialer
        self.egress = egress

    async def route(self, trail: Trail, device: Admission, head: ConnectHead) -> Permit:
        """The way for what `head` asks. Fills the trail, or raises RefusalError."""
        trail.host, trail.port = head.host, head.port
        host = _host(head.host)
        trail.host = str(host)
        flow = Flow(device.platform, host, head.port, app=head.app)
        reason, targets = await self._targets(trail, flow, self._rules(device))
        return self._permit(trail, device.udid, reason, targets)

    def judge(self, trail: Trail, device: Admission) -> None:
        """Whether an open tunnel's flow still passes, for what its device is now. Raises RefusalError."""
        assert trail.flow is not None
        flow = replace(trail.flow, platform=device.platform)
        index = self._rules(device).active
        decision = index.decide(flow)
        if not _tunnels(decision):
            raise _refusal(decision)
        _judge_port(index.rule_set, decision, flow)

    def _rules(self, device: Admission) -> DeviceRules:
        rules = self.book.rules_for(device)
        if rules is None:
            raise RefusalError(Reason.DEVICE_NOT_COMPLIANT, "restricted, and there is no compliance rule set")
        return rules

    async def _targets(self, trail: Trail, flow: Flow, device_rules: DeviceRules) -> tuple[Reason, list[Target]]:
        """The addresses that the rules let this flow reach: the rules are asked about the name, then each address."""
        index, rules = device_rules.active, device_rules.active.rule_set
        trail.rule_set = rules.digest
        by_name = index.decide(flow)
        self._note(trail, by_name)
        trail.would = device_rules.would(flow, by_name)
        if not _tunnels(by_name) and not index.has_address_patterns:
            raise _refusal(by_name)
        if _tunnels(by_name):
            _judge_port(rules, by_name, flow)
        found = await self.dialer.targets(flow.host, flow.port)
        decisions = [(target, index.decide(_at(flow, target))) for target in found]
        kept = [(target, decision) for target, decision in decisions if _tunnels(decision)]
        target, decision = kept[0] if kept else decisions[0]
        self._note(trail, decision)
        trail.flow = _at(flow, target)
        trail.would = device_rules.would(trail.flow, decision)
        if not kept:
            raise _refusal(decision)
        _judge_port(rules, decision, _at(flow, kept[0][0]))
        return Reason(decision.reason), [target for target, each in kept if each == decision]

    def _permit(self, trail: Trail, udid: str, reason: Reason, targets: list[Target]) -> Permit:
        egress = self.egress.for_device(udid, [target.address.ip.version for target in targets])
        trail.egress = str(egress)
        usable = tuple(
            (str(target.address), target.port) for target in targets if target.address.ip.version == egress.version
        )
        return Permit(usable, str(egress), reason)

    @staticmethod
    def _note(trail: Trail, decision: Decision) -> None:
        trail.action, trail.rule, trail.rule_index = decision.action, decision.rule, decision.rule_index


def _host(text: str) -> Host:
    try:
        return parse_host(text)
    except HostError as error:
        raise RefusalError(Reason.HOST_INVALID, f"the host {error}") from error


def _at(flow: Flow, target: Target) -> Flow:
    """The flow once its address is known. Where the operator leads a host elsewhere, the name alone decides."""
    return replace(flow, address=None if target.mapped else target.address)


def _tunnels(decision: Decision) -> bool:
    """Only `tunnel` passes. An action that means something on the device alone is a refusal here."""
    return decision.action is Action.TUNNEL


def _refusal(decision: Decision) -> RefusalError:
    by = f"the rule '{decision.rule}'" if decision.rule is not None else str(decision.reason)
    return RefusalError(Reason(decision.reason), f"{by} says {decision.action}, and the gateway serves tunnel alone")


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
