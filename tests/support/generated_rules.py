"""Rule sets and flows by chance, from words so few that rules and flows meet: for properties that hold for all."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

from hypothesis import strategies as st

from dtr_rules.destinations import AddressRange, Destination, NamePattern, Ports
from dtr_rules.hosts import Address, Host, Name
from dtr_rules.model import Action, Flow, Mode, Platform, Rule, RuleSet

LABELS = ("a", "b", "ab", "ba", "a-b", "okta", "xokta", "localhost", "1", "com")
APPS = ("com.Example.a", "com.example.A", "com.example.b", "com.apple.mobilesafari", "com.apple.Safari")

names = st.lists(st.sampled_from(LABELS), min_size=0, max_size=3).map(lambda found: ".".join([*found, "com"]))
ports = st.sampled_from((1, 80, 443, 444, 8080, 65535))
platforms = st.sampled_from(tuple(Platform))
addresses = st.one_of(
    st.integers(0, 40).map(lambda low: IPv4Address(0xC0000200 + low)),
    st.integers(0, 40).map(lambda low: IPv6Address((0x2001_0DB8 << 96) + low)),
    st.sampled_from([IPv4Address("0.0.0.0"), IPv4Address("255.255.255.255"), IPv4Address("127.0.0.1")]),
    st.sampled_from([IPv6Address("::"), IPv6Address("::1"), IPv6Address("ff" * 2 + ":ffff" * 7)]),
).map(Address)


@st.composite
def name_patterns(draw: st.DrawFn) -> NamePattern:
    """Patterns of every form, cut out of names, so that halves of labels stand at their ends too."""
    name = draw(names)
    open_start, open_end = draw(st.booleans()), draw(st.booleans())
    start = draw(st.integers(0, len(name) - 1)) if open_start else 0
    end = draw(st.integers(start + 1, len(name))) if open_end else len(name)
    return NamePattern(name[start:end], open_start, open_end)


@st.composite
def address_ranges(draw: st.DrawFn) -> AddressRange:
    one, other = draw(addresses).ip, draw(addresses).ip
    if isinstance(one, IPv4Address) and isinstance(other, IPv4Address):
        return AddressRange(min(one, other), max(one, other))
    if isinstance(one, IPv6Address) and isinstance(other, IPv6Address):
        return AddressRange(min(one, other), max(one, other))
    return AddressRange(one, one)


@st.composite
def destinations(draw: st.DrawFn) -> Destination:
    target = draw(st.one_of(name_patterns(), name_patterns(), address_ranges(), st.just(NamePattern("", True))))
    first, last = sorted((draw(ports), draw(ports)))
    restricted = None if draw(st.booleans()) else Ports(first, last)
    return Destination(target, restricted, draw(st.sampled_from(("", "as written"))))


@st.composite
def rules(draw: st.DrawFn, name: str) -> Rule:
    action = draw(st.sampled_from(tuple(Action)))
    return Rule(
        name=name,
        platforms=draw(st.frozensets(platforms, min_size=1) | st.just(frozenset(Platform))),
        apps=draw(st.none() | st.frozensets(st.sampled_from(APPS), min_size=1, max_size=3)),
        action=action,
        destinations=tuple(draw(st.lists(destinations(), min_size=1, max_size=4))),
        proxy="proxy.example:8080" if action.needs_proxy else None,
    )


@st.composite
def rule_sets(draw: st.DrawFn, max_rules: int = 8) -> RuleSet:
    default = draw(st.sampled_from(tuple(Action)))
    return RuleSet(
        name="generated",
        mode=draw(st.sampled_from(tuple(Mode))),
        default=default,
        rules=tuple(draw(rules(f"rule {index}")) for index in range(draw(st.integers(0, max_rules)))),
        default_proxy="proxy.example:8080" if default.needs_proxy else None,
        profile_apps=draw(st.none() | st.frozensets(st.sampled_from(APPS), min_size=1, max_size=3)),
        wildcard_matches_apex=draw(st.booleans()),
    )


hosts: st.SearchStrategy[Host] = st.one_of(names.map(Name), names.map(Name), addresses)


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    return Flow(
        platform=draw(platforms),
        host=draw(hosts),
        port=draw(ports),
        app=draw(st.none() | st.sampled_from((*APPS, "com.example.other"))),
        address=draw(st.none() | addresses),
        in_vpn_profile=draw(st.sampled_from((None, None, True, False))),
        on_trusted_network=draw(st.sampled_from((False, False, False, True))),
    )
