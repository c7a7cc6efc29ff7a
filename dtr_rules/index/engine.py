"""The decision by tables: everything that fits is looked up, and the first in the order of the rule set decides."""

from __future__ import annotations

import sys
from typing import Final

from dtr_rules.destinations import Destination, NamePattern
from dtr_rules.hosts import Name, is_loopback
from dtr_rules.index.addresses import AddressesMaker
from dtr_rules.index.audiences import Asker, Audience, Audiences
from dtr_rules.index.entries import Bucket, bucket
from dtr_rules.index.entry import EVERY_PORT, Entry
from dtr_rules.index.names import NamesMaker
from dtr_rules.model import Action, Decision, Flow, Mode, Rule, RuleSet
from dtr_rules.reasons import DecisionReason

_LOOPBACK: Final = Decision(Action.BYPASS, DecisionReason.LOOPBACK)
_GO_DIRECT: Final = Decision(Action.BYPASS, DecisionReason.GO_DIRECT)
_OUTSIDE: Final = Decision(Action.BYPASS, DecisionReason.NOT_IN_VPN_PROFILE)


class Index:
    """The tables of one rule set. Immutable once made; several threads may ask it at the same time."""

    __slots__ = ("_addresses", "_askers", "_everything", "_names", "_per_app", "rule_set")

    def __init__(self, rule_set: RuleSet) -> None:
        self.rule_set = rule_set
        audiences = Audiences(rule_set)
        names, addresses = NamesMaker(wildcard_matches_apex=rule_set.wildcard_matches_apex), AddressesMaker()
        everything: list[Entry] = []
        place = 0
        for index, rule in enumerate(rule_set.rules):
            audience = audiences.of(rule)
            for destination in rule.destinations:
                entry = _entry(place, audience, index, rule, destination)
                place += 1
                if not isinstance(destination.target, NamePattern):
                    addresses.add(destination.target, entry)
                elif destination.target.is_everything:
                    everything.append(entry)
                else:
                    names.add(destination.target, entry)
        self._askers = audiences.askers
        self._per_app = rule_set.mode is Mode.PER_APP
        self._names = names.table()
        self._addresses = addresses.table()
        self._everything = bucket(everything)

    @property
    def has_address_patterns(self) -> bool:
        """Whether what a name resolves to can change a decision."""
        return bool(self._addresses)

    def decide(self, flow: Flow) -> Decision:
        """What the rule set decides for `flow`: the decision of `evaluate`."""
        host, app, askers = flow.host, flow.app, self._askers[flow.platform]
        if is_loopback(host):
            return _LOOPBACK
        if flow.on_trusted_network:
            return _GO_DIRECT
        asker = askers.unknown if app is None else askers.named.get(app) or askers.of(app)
        if self._per_app and flow.in_vpn_profile is not True and (flow.in_vpn_profile is False or asker.outside):
            return _OUTSIDE
        found = [self._everything]  # the entries of every destination whose host fits, ports and apps left aside
        if isinstance(host, Name):
            self._names.collect(host.text, found)
            address = flow.address
        else:
            address = host
        if address is not None:
            self._addresses.collect(address, found)
        return _first(found, flow.port, asker)


def _entry(place: int, audience: Audience | None, index: int, rule: Rule, destination: Destination) -> Entry:
    pattern = destination.written or str(destination)
    decision = Decision(rule.action, DecisionReason.RULE, rule.name, index, pattern, rule.proxy)
    ports = destination.ports
    first, last = EVERY_PORT if ports is None else (ports.first, ports.last)
    return place, first, last, audience, decision


def _first(found: list[Bucket], port: int, asker: Asker) -> Decision:
    platform, number, _, decision = asker
    best = sys.maxsize
    for entries in found:
        in_order = entries if isinstance(entries, tuple) else entries.of(number, platform, port)
        for place, first, last, audience, its in in_order:
            if place >= best:
                break
            if first <= port <= last and (audience is None or number in audience or platform in audience):
                best, decision = place, its
                break
    return decision
