"""The rule book, from the rule files that the configuration names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from dtr_rules import Action, Flow, Index, Name, Platform, RuleSet, read_rule_set
from dtr_rules.catalogue.login_hosts import PathClass, built_in_login_hosts
from dtr_rules.catalogue.providers import ProviderError, hosts_of, parse_provider
from dtr_rules.source import suggestion
from tunnel_gateway.assembly.attempt import Assembly
from tunnel_gateway.config.rules import RulesOfGroup
from tunnel_gateway.rule_book import Group, RuleBook, device_rules


def rule_book(assembly: Assembly) -> RuleBook | None:
    """The book; None, and mistakes, where a file of it cannot be used."""
    rules = assembly.source.content.rules
    default = _read(assembly, rules.file, "file")
    beside = None if rules.report_only is None else _read(assembly, rules.report_only, "report-only")
    compliance = None if rules.compliance is None else _read(assembly, rules.compliance, "compliance")
    groups = [
        (_group(named), _read(assembly, named.file, "groups", index, "file"))
        for index, named in enumerate(rules.groups)
    ]
    if default is None or (compliance is None and rules.compliance) or any(each is None for _, each in groups):
        return None
    reporting, others = rules.report_only_rules, () if beside is None else (beside,)
    book = RuleBook(
        device_rules(default, reporting, others),
        tuple((group, device_rules(rule_set, reporting, others)) for group, rule_set in groups if rule_set is not None),
        None if compliance is None else device_rules(compliance, reporting),
    )
    _check_names(assembly, [default, *(each for _, each in groups if each), *([compliance] if compliance else [])])
    if book.compliance is not None:
        _check_compliance(assembly, book.compliance.active, default)
    return book


def _read(assembly: Assembly, named: Path, *place: str | int) -> RuleSet | None:
    return assembly.attempt(lambda: read_rule_set(assembly.path(named)).rule_set, "rules", *place)


def _group(named: RulesOfGroup) -> Group:
    return Group(
        platforms=None if named.platforms is None else frozenset(named.platforms),
        organization_groups=_lower(named.organization_groups),
        ownerships=None if named.ownership is None else frozenset(named.ownership),
        udids=_lower(named.udids),
    )


def _lower(words: tuple[str, ...] | None) -> frozenset[str] | None:
    return None if words is None else frozenset(word.lower() for word in words)


def _check_names(assembly: Assembly, rule_sets: list[RuleSet]) -> None:
    known = {rule.name: None for rule_set in rule_sets for rule in rule_set.rules}
    for index, name in enumerate(assembly.source.content.rules.report_only_rules):
        if name not in known:
            words = f"no rule of {' or '.join(each.name for each in rule_sets)} is named '{name}'"
            assembly.fail(f"{words}{suggestion(name, list(known))}", "rules", "report-only-rules", index)


def _check_compliance(assembly: Assembly, index: Index, default: RuleSet) -> None:
    """The compliance set is for a device that must not sign in: what it tunnels may be no identity provider."""
    compliance = index.rule_set
    for host in _login_hosts(compliance, default):
        for platform in Platform:
            decision = index.decide(Flow(platform, host))
            if decision.action is Action.TUNNEL:
                by = "by default" if decision.rule is None else f"by rule '{decision.rule}'"
                words = f"{compliance.name} tunnels {host} {by}, and people sign in there"
                assembly.fail(f"{words}; let it tunnel internal hosts alone", "rules", "compliance")
                return


def _login_hosts(*rule_sets: RuleSet) -> Iterator[Name]:
    """Where the address decides on a sign-in: Entra, Okta orgs by any name, and those that the sets name."""
    providers = {parse_provider("entra"), parse_provider("okta:example.okta.com")}
    for destination in (each for rule_set in rule_sets for rule in rule_set.rules for each in rule.destinations):
        with suppress(ProviderError):
            providers.add(parse_provider(f"okta:{destination}"))
    for provider in sorted(providers, key=str):
        for named in hosts_of(provider, built_in_login_hosts()):
            if named.entry.path is PathClass.JUDGED:
                yield named.example
