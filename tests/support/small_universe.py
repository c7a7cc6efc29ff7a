"""Rule sets over very few letters, ports, addresses and apps, and every flow that could tell two of them apart up to a
length: what an exact analysis can be held against."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from ipaddress import IPv4Address
from itertools import product

from hypothesis import strategies as st

from dtr_rules.destinations import AddressRange, Destination, NamePattern, Ports
from dtr_rules.hosts import Address, Host, HostError, Name, is_loopback, parse_host
from dtr_rules.model import Action, Flow, Mode, Platform, Rule, RuleSet

LETTERS = "ab.-"
PLATFORMS = (Platform.IOS, Platform.ANDROID)
APPS = ("App", "app", "com.apple.mobilesafari")
FIRST_ADDRESS = int(IPv4Address("127.255.255.254"))  # two loopback addresses, then others
ADDRESSES = 5


def _address(number: int) -> IPv4Address:
    return IPv4Address(FIRST_ADDRESS + number)


@st.composite
def _destinations(draw: st.DrawFn) -> Destination:
    low, high = sorted(draw(st.tuples(st.integers(1, 3), st.integers(1, 3))))
    ports = draw(st.sampled_from([None, None, Ports(low, high), Ports(high, 65535)]))
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return Destination(NamePattern("", open_start=True), ports)
    if kind <= 2:
        first, last = sorted(draw(st.tuples(st.integers(0, ADDRESSES - 1), st.integers(0, ADDRESSES - 1))))
        return Destination(AddressRange(_address(first), _address(last)), ports)
    literal = draw(st.text(LETTERS, min_size=1, max_size=2))
    return Destination(NamePattern(literal, draw(st.booleans()), draw(st.booleans())), ports)


@st.composite
def small_rule_sets(draw: st.DrawFn, max_rules: int = 5) -> RuleSet:
    """A rule set of the small universe; rule names repeat between sets, actions are few."""
    actions = st.sampled_from([Action.TUNNEL, Action.BYPASS])
    rules = [
        Rule(
            name=f"rule {number}",
            platforms=draw(st.sampled_from([frozenset(Platform), frozenset(PLATFORMS[:1]), frozenset(PLATFORMS[1:])])),
            apps=draw(st.sampled_from([None, None, frozenset(APPS[:1]), frozenset(APPS[1:])])),
            action=draw(actions),
            destinations=tuple(draw(st.lists(_destinations(), min_size=1, max_size=3))),
        )
        for number in draw(st.permutations(range(max_rules)))[: draw(st.integers(0, max_rules))]
    ]
    return RuleSet(
        name="small",
        mode=draw(st.sampled_from([Mode.PER_APP, Mode.PER_APP, Mode.FULL_DEVICE])),
        default=draw(actions),
        rules=tuple(rules),
        profile_apps=draw(st.sampled_from([None, None, frozenset(APPS[:1]), frozenset(APPS[1:])])),
        wildcard_matches_apex=draw(st.booleans()),
    )


@cache
def hosts() -> tuple[Host, ...]:
    """Every name up to four characters, and the addresses."""
    found: list[Host] = [Address(_address(number)) for number in range(ADDRESSES)]
    for length in (1, 2, 3, 4):
        for letters in product("abc.-" if length < 4 else "ab.", repeat=length):
            try:
                host = parse_host("".join(letters))
            except HostError:
                continue
            if isinstance(host, Name) and host not in found:
                found.append(host)
    return tuple(found)


@cache
def flows() -> tuple[Flow, ...]:
    """Flows of every app on every platform to every host: all combinations for short names, fewer for long ones."""
    return tuple(_flows())


def _flows() -> Iterator[Flow]:
    seats = list(product(PLATFORMS, (*APPS, "other")))
    for host in hosts():
        if is_loopback(host):
            continue
        short = isinstance(host, Address) or len(host.text) <= 2
        addresses = [None] if isinstance(host, Address) else [None, Address(_address(0)), Address(_address(3))]
        for platform, app in seats if short else seats[::2]:
            for port in (1, 2, 3, 4) if short else (2, 443):
                for address in addresses:
                    yield Flow(platform, host, port, app, address, in_vpn_profile=True)
