"""DTR107: addresses and names mixed up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address

from dtr_rules.analysis import example as example_host
from dtr_rules.destinations import AddressRange, Destination, NamePattern
from dtr_rules.hosts import Address, Name
from dtr_rules.lint.check import Check, Found, Subject
from dtr_rules.lint.examples import flow_to, is_for_addresses
from dtr_rules.lint.finding import Example, Finding, Severity
from dtr_rules.lint.words import decision_words, rule_words, written

_LOOKED_AT = 20  # later rules whose names are tried
_DIGITS = re.compile(r"(?=.*[0-9])[0-9.]*\.[0-9.]*")


def _find(subject: Subject) -> Found:
    for index, rule in enumerate(subject.rule_set.rules):
        yield from _names_that_look_like_addresses(subject, index)
        addresses = [each for each in rule.destinations if is_for_addresses(each)]
        if addresses and len(addresses) < len(rule.destinations):
            yield _both_in_one_rule(subject, index, addresses[0])
        for destination in addresses:
            yield from _depends_on_the_address(subject, index, destination)


def _names_that_look_like_addresses(subject: Subject, index: int) -> Iterator[Finding]:
    rule = subject.rule_set.rules[index]
    for position, destination in enumerate(rule.destinations):
        if not (isinstance(destination.target, NamePattern) and _DIGITS.fullmatch(destination.target.literal)):
            continue
        meant = subject.universe.flow_for(rule, _meant(destination.target.literal))
        yield Finding(
            severity=Severity.WARNING,
            message=f"'{written(destination)}' looks like an address, but it is a pattern for names, which never "
            f"matches one",
            fix="Write the network or the range: '192.168.1.0/24', '192.168.1.1-192.168.1.9'.",
            path=("rules", index, "to", position),
            rule_index=index,
            about=written(destination),
            examples=(subject.example(meant),),
        )


def _meant(literal: str) -> Address:
    """An address that somebody may have had in mind: `.168.1.` gives 10.168.1.10."""
    octets = [each for each in literal.split(".") if each.isdigit() and int(each) < 256]
    filled = ["10", *octets, "10", "10", "10"] if literal.startswith(".") else [*octets, "10", "10", "10"]
    return Address(ip_address(".".join(str(int(each)) for each in filled[:4])))


def _both_in_one_rule(subject: Subject, index: int, address: Destination) -> Finding:
    rule = subject.rule_set.rules[index]
    flow = flow_to(subject.universe, rule, address)
    return Finding(
        severity=Severity.NOTE,
        message=f"{rule_words(subject.rule_set, index)} holds names and addresses; '{written(address)}' matches a "
        f"name only where the device knows what the name resolves to",
        fix="Give the addresses a rule of their own, with a name that says what they are for.",
        path=("rules", index, "to", rule.destinations.index(address)),
        rule_index=index,
        about=written(address),
        examples=() if flow is None else (subject.example(flow),),
    )


def _depends_on_the_address(subject: Subject, index: int, destination: Destination) -> Iterator[Finding]:
    """A name that gets one thing where its address is known to be the rule's, and another where it is not."""
    if not isinstance(destination.target, AddressRange):
        return
    rule, address = subject.rule_set.rules[index], Address(destination.target.first)
    login = _is_a_login_network(subject, destination)
    port = destination.ports.first if destination.ports is not None and 443 not in destination.ports else 443
    for host in _names(subject, index, login=login):
        flow = replace(subject.universe.flow_for(rule, host, port), address=address)
        known, unknown = subject.example(flow), subject.example(replace(flow, address=None))
        if known.decision.rule_index != index or unknown.decision.rule_index is None or _same(known, unknown):
            continue
        yield Finding(
            severity=Severity.WARNING if login else Severity.NOTE,
            message=f"{host} gets {decision_words(known.decision)} where the device knows that it is at {address}, and "
            f"{decision_words(unknown.decision)} where it does not",
            fix="Move the rule with the names above the rule with the addresses.",
            path=("rules", index, "to", rule.destinations.index(destination)),
            rule_index=index,
            about=written(destination),
            examples=(known, unknown),
        )
        return


def _names(subject: Subject, index: int, *, login: bool) -> Iterator[Name]:
    """Names that later rules are for: login hosts first where the addresses are those of login hosts."""
    if login:
        yield from (host.example for host in subject.named_hosts)
    later = subject.rule_set.rules[index + 1 : index + 1 + _LOOKED_AT]
    for rule in later:
        first = next((each for each in rule.destinations if not is_for_addresses(each)), None)
        host = None if first is None else example_host(first)
        if isinstance(host, Name):
            yield host


def _same(one: Example, other: Example) -> bool:
    return (one.decision.action, one.decision.proxy) == (other.decision.action, other.decision.proxy)


def _is_a_login_network(subject: Subject, destination: Destination) -> bool:
    kinds = {each.kind for each in subject.providers}
    networks = [each.network for each in subject.login_hosts.networks if each.provider in kinds]
    return isinstance(destination.target, AddressRange) and any(
        network.first.version == destination.target.first.version
        and int(network.first) <= int(destination.target.last)
        and int(destination.target.first) <= int(network.last)
        for network in networks
    )


CHECK = Check(
    id="DTR107",
    name="addresses-and-names",
    severities=(Severity.WARNING, Severity.NOTE),
    what="Addresses and names mixed up: a name pattern that looks like an address, both in one rule, or a decision "
    "that depends on whether the device knows a name's address.",
    why="Tunnel clients decide by host name; an address pattern matches a name only where the client knows the "
    "address, which differs between platforms and modes. It is a warning where the addresses are those of a named "
    "identity provider's login hosts.",
    fix="Name hosts by their names; give addresses rules of their own, below the names.",
    find=_find,
)
