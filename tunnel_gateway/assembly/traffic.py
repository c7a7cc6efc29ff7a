"""The way out, from the configuration: pools of egress addresses, name servers, the look at names inside TLS."""

from __future__ import annotations

import ssl

from dtr_rules import Action
from dtr_rules.source import suggestion
from tunnel_gateway.assembly.attempt import Assembly
from tunnel_gateway.assembly.posture import client_tls
from tunnel_gateway.config.traffic import Addresses, PoolIn
from tunnel_gateway.dialer import Dialer
from tunnel_gateway.egress import DEFAULT_POOL, EgressPools, PoolPlan, Standing
from tunnel_gateway.egress_store import EgressStore
from tunnel_gateway.resolver import Resolver
from tunnel_gateway.routing import Router
from tunnel_gateway.rule_book import RuleBook
from tunnel_gateway.sni import SniPolicy


def pool_plans(assembly: Assembly, book: RuleBook | None) -> tuple[PoolPlan, ...]:
    """The pools, checked against each other and against the rules that they name."""
    file = assembly.source.content
    plans = [] if file.egress is None else [PoolPlan(DEFAULT_POOL, _standings(file.egress))]
    if file.egress is not None and DEFAULT_POOL in file.pools:
        assembly.fail("'egress' is the pool 'default' already; name this one otherwise", "pools", DEFAULT_POOL)
    plans += [PoolPlan(n, _standings(p.addresses), p.in_zone, frozenset(p.rules)) for n, p in file.pools.items()]
    if not any(plan.in_zone for plan in plans):
        assembly.fail("no egress address is in the zone; give 'egress' a list of addresses", "egress")
    _check_addresses(assembly)
    for kind in (True, False):
        _check_shares(assembly, [(n, p) for n, p in file.pools.items() if p.in_zone is kind], in_zone=kind)
    if book is not None:
        _check_rules(assembly, book)
    return tuple(plans)


def _standings(addresses: Addresses) -> tuple[Standing, ...]:
    return tuple(Standing(each.address, each.state) for each in addresses)


def _check_addresses(assembly: Assembly) -> None:
    """An address belongs to one pool: it is either in the zone or not, and is counted once."""
    file = assembly.source.content
    places: list[tuple[tuple[str, ...], Addresses]] = [(("egress",), file.egress or ())]
    places += [(("pools", name, "addresses"), pool.addresses) for name, pool in file.pools.items()]
    seen = set()
    for place, addresses in places:
        for index, each in enumerate(addresses):
            if each.address in seen:
                assembly.fail(f"the egress address {each.address} stands here twice", *place, index)
            seen.add(each.address)


def _check_shares(assembly: Assembly, pools: list[tuple[str, PoolIn]], *, in_zone: bool) -> None:
    file = assembly.source.content
    rest = [name for name, pool in pools if not pool.rules]
    spoken_for = in_zone and file.egress is not None
    for name in rest if spoken_for else rest[1:]:
        other = "'egress'" if spoken_for else f"the pool '{rest[0]}'"
        assembly.fail(f"{other} serves all rules that no pool names already; name this pool's rules", "pools", name)
    named: set[str] = set()
    for name, pool in pools:
        for index, rule in enumerate(pool.rules):
            if rule in named:
                assembly.fail(f"another pool serves the rule '{rule}' already", "pools", name, "rules", index)
            named.add(rule)


def _check_rules(assembly: Assembly, book: RuleBook) -> None:
    """A pool serves rules that are there, and whose action leaves from such a pool."""
    actions: dict[str, set[Action]] = {}
    for each in (each for rule_set in book.rule_sets for each in rule_set.rules):
        actions.setdefault(each.name, set()).add(each.action)
    for name, pool in assembly.source.content.pools.items():
        for index, rule in enumerate(pool.rules):
            place = ("pools", name, "rules", index)
            if rule not in actions:
                assembly.fail(f"no rule is named '{rule}'{suggestion(rule, list(actions))}", *place)
            elif pool.in_zone and actions[rule] == {Action.BYPASS}:
                assembly.fail(f"the rule '{rule}' bypasses; it leaves from a pool with in-zone: false", *place)
            elif not pool.in_zone and Action.BYPASS not in actions[rule]:
                assembly.fail(f"the rule '{rule}' does not bypass; tunnels leave from the zone's addresses", *place)


def proxy_tls(assembly: Assembly) -> ssl.SSLContext | None:
    """What HTTPS proxies that rules name are verified by; without a file, the system's authorities count."""
    named = assembly.source.content.proxy_ca_file
    path = None if named is None else assembly.path(named)
    return assembly.attempt(lambda: client_tls(path), "proxy-ca-file")


def router(
    assembly: Assembly, book: RuleBook, plans: tuple[PoolPlan, ...], tls: ssl.SSLContext, store: EgressStore
) -> Router:
    """The whole way out."""
    file = assembly.source.content
    egress = EgressPools(plans, store)
    resolver = Resolver(file.limits.connect, egress.versions, file.name_servers)
    also = {host: frozenset(names) for host, names in file.sni.also.items()}
    sni = SniPolicy(file.sni.mode, frozenset(file.sni.exempt_ports), also)
    return Router(book, Dialer(file.connect_to, file.allowed_addresses, resolver), egress, sni, tls)
