"""Example flows for checks."""

from __future__ import annotations

from collections.abc import Iterable

from dtr_rules.analysis import example as example_host
from dtr_rules.destinations import AddressRange, Destination
from dtr_rules.evaluate import evaluate
from dtr_rules.hosts import Address, Host, HostError, Name, parse_host
from dtr_rules.lint.finding import Example
from dtr_rules.lint.universe import Universe
from dtr_rules.model import Flow, Platform, Rule
from dtr_rules.reasons import DecisionReason

UNNAMED = ("www.example.com", "host.nobody-named-this.example", "a.nobody-named-this.test")
"""Hosts that hardly any rule set names."""


def flow_to(universe: Universe, rule: Rule, destination: Destination, host: Host | None = None) -> Flow | None:
    """A flow that `destination` of `rule` matches, to `host` where given; to the device itself where that is all that
    it matches; None where nothing can match it."""
    there = host or example_host(destination)
    if there is None:
        return flow_to_itself(universe, rule, destination)
    ports = destination.ports
    return universe.flow_for(rule, there, 443 if ports is None or 443 in ports else ports.first)


def flow_to_itself(universe: Universe, rule: Rule, destination: Destination) -> Flow | None:
    """A flow to the host that `destination` is; None where it is no single host."""
    target = destination.target
    if isinstance(target, AddressRange):
        return universe.flow_for(rule, Address(target.first)) if target.first == target.last else None
    host = None if target.open_start or target.open_end else name(target.literal)
    return None if host is None else universe.flow_for(rule, host)


def name(text: str) -> Name | None:
    """`text` as a host name; None where it is none (a label too long, say)."""
    try:
        host = parse_host(text)
    except HostError:
        return None
    return host if isinstance(host, Name) else None


def flow_of(universe: Universe, platform: Platform, app: str, rules: Iterable[Rule]) -> Flow:
    """A flow of `app` to where the first of `rules` leads; to a host that nobody named where there is none."""
    for rule in rules:
        flow = flow_to(universe, rule, rule.destinations[0])
        if flow is not None:
            return Flow(platform=platform, host=flow.host, port=flow.port, app=app)
    return Flow(platform=platform, host=Name(UNNAMED[0]), app=app)


def decided_by_default(universe: Universe) -> Example | None:
    """A flow that no rule matches and the default action decides; None where none was found."""
    for host in map(Name, UNNAMED):
        for platform in universe.platforms:
            for app in reversed(universe.apps(platform)):
                flow = Flow(platform=platform, host=host, app=app)
                decision = evaluate(universe.rule_set, flow)
                if decision.reason is DecisionReason.DEFAULT_ACTION:
                    return Example(flow, decision)
    return None


def is_for_addresses(destination: Destination) -> bool:
    """Whether `destination` is an address, a network or a range."""
    return isinstance(destination.target, AddressRange)
