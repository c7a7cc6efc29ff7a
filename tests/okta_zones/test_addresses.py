"""Address sets, and the two ways in which they are written."""

from __future__ import annotations

import ipaddress
from typing import Any

import netaddr
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okta_zones.addresses import (
    AddressError,
    AddressSet,
    parse_addresses,
    parse_gateway,
    parse_ip_range,
    render_gateways,
    render_ip_ranges,
    union,
)

SAME = {
    "a single address in four forms": ["1.2.3.4", "1.2.3.4-1.2.3.4", "1.2.3.4/32", "1.2.3.4 - 1.2.3.4"],
    "host bits in a CIDR block": ["3.2.3.4/24", "3.2.3.0/24", "3.2.3.0-3.2.3.255"],
    "IPv6 that is not canonical": ["2001:0:9d38:90d6:0:0:0:0/63", "2001:0:9d38:90d6::/63"],
    "IPv6 in capitals": ["2001:DB8::A", "2001:db8:0:0:0:0:0:a/128"],
    "the last address there is": ["255.255.255.254/31", "255.255.255.254-255.255.255.255"],
}
NOT_ADDRESSES = {
    "nothing": "",
    "a name": "acme.okta.com",
    "a number": "16909060",
    "three parts": "1.2.3",
    "leading zeros": "010.1.1.1",
    "a prefix that is too long": "1.2.3.4/33",
    "a netmask": "1.2.3.4/255.255.255.0",
    "a range of CIDR blocks": "15.5.6.7/24-15.5.6.9",
    "a reversed range": "1.2.3.9-1.2.3.4",
    "a range across versions": "1.2.3.4-::1",
    "a zone index": "fe80::1%eth0",
    "a quote behind the block": "1.2.3.4/24'",
    "a line break behind the address": "1.2.3.4\n",
    "digits of another script": "1.2.3.\u0664",
}


@pytest.mark.parametrize("forms", SAME.values(), ids=SAME.keys())
def test_one_set_whatever_the_form(forms: list[str]) -> None:
    assert len({parse_addresses(form) for form in forms}) == 1


@pytest.mark.parametrize("text", NOT_ADDRESSES.values(), ids=NOT_ADDRESSES.keys())
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(AddressError):
        parse_addresses(text)


OKTA_ENTRIES = {
    "a single address, which Okta would write as a-a": ({"type": "RANGE", "value": "192.168.1.1"}, "192.168.1.1"),
    "a range": ({"type": "RANGE", "value": "172.16.0.1-172.16.0.10"}, "172.16.0.1-172.16.0.10"),
    "a CIDR block": ({"type": "CIDR", "value": "10.0.0.0/24"}, "10.0.0.0/24"),
    "a CIDR block of one": ({"type": "CIDR", "value": "10.0.0.7/32"}, "10.0.0.7"),
    "a field nobody knows": ({"type": "CIDR", "value": "10.0.0.7/32", "comment": "x"}, "10.0.0.7"),
}
GRAPH_ENTRIES = {
    "IPv4 CIDR": (
        {"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "12.34.221.11/22"},
        "12.34.220.0/22",
    ),
    "IPv6 CIDR": (
        {"@odata.type": "#microsoft.graph.iPv6CidrRange", "cidrAddress": "2001:0:9d38:90d6:0:0:0:0/63"},
        "2001:0:9d38:90d6::/63",
    ),
    "IPv4 range": (
        {"@odata.type": "#microsoft.graph.iPv4Range", "lowerAddress": "1.2.3.4", "upperAddress": "1.2.3.9"},
        "1.2.3.4-1.2.3.9",
    ),
    "IPv6 range": (
        {"@odata.type": "#microsoft.graph.iPv6Range", "lowerAddress": "2001:db8::1", "upperAddress": "2001:db8::f"},
        "2001:db8::1-2001:db8::f",
    ),
}
NO_ENTRIES = {
    "Okta, of no type": (parse_gateway, {"value": "1.2.3.4"}),
    "Okta, of another type": (parse_gateway, {"type": "ASN", "value": "1.2.3.4"}),
    "Okta, not text": (parse_gateway, {"type": "CIDR", "value": None}),
    "Okta, a CIDR block without a length": (parse_gateway, {"type": "CIDR", "value": "1.2.3.4"}),
    "Graph, of a kind to come": (parse_ip_range, {"@odata.type": "#microsoft.graph.asnRange", "asn": 1}),
    "Graph, a bare address": (
        parse_ip_range,
        {"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "203.0.113.10"},
    ),
    "Graph, IPv6 in an IPv4 entry": (
        parse_ip_range,
        {"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "2001:db8::/64"},
    ),
    "Graph, half a range": (parse_ip_range, {"@odata.type": "#microsoft.graph.iPv4Range", "lowerAddress": "1.2.3.4"}),
}


@pytest.mark.parametrize(("entry", "means"), OKTA_ENTRIES.values(), ids=OKTA_ENTRIES.keys())
def test_okta_entries(entry: dict[str, str], means: str) -> None:
    assert parse_gateway(entry) == parse_addresses(means)


@pytest.mark.parametrize(("entry", "means"), GRAPH_ENTRIES.values(), ids=GRAPH_ENTRIES.keys())
def test_graph_entries(entry: dict[str, str], means: str) -> None:
    assert parse_ip_range(entry) == parse_addresses(means)


@pytest.mark.parametrize(("parse", "entry"), NO_ENTRIES.values(), ids=NO_ENTRIES.keys())
def test_entries_that_say_nothing(parse: Any, entry: dict[str, Any]) -> None:
    with pytest.raises(AddressError):
        parse(entry)


def test_okta_gets_one_range_per_unbroken_run() -> None:
    addresses = union(map(parse_addresses, ["203.0.113.11", "203.0.113.10", "203.0.113.20", "203.0.113.12/31"]))
    assert render_gateways(addresses) == [
        {"type": "RANGE", "value": "203.0.113.10-203.0.113.13"},
        {"type": "RANGE", "value": "203.0.113.20-203.0.113.20"},
    ]


def test_graph_gets_cidr_blocks_only() -> None:
    addresses = union(map(parse_addresses, ["203.0.113.10", "203.0.113.11", "203.0.113.12", "2001:db8::1"]))
    assert render_ip_ranges(addresses) == [
        {"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "203.0.113.10/31"},
        {"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "203.0.113.12/32"},
        {"@odata.type": "#microsoft.graph.iPv6CidrRange", "cidrAddress": "2001:db8::1/128"},
    ]


# --- properties, against Python's own sets over a small universe ---------------------------------------------------

BASES = {4: int(ipaddress.ip_address("203.0.113.0")), 6: int(ipaddress.ip_address("2001:db8::"))}
MEMBERS = st.frozensets(st.tuples(st.sampled_from([4, 6]), st.integers(0, 40)), max_size=30)


def address(version: int, offset: int) -> str:
    kind = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    return str(kind(BASES[version] + offset))


def built(members: frozenset[tuple[int, int]]) -> AddressSet:
    return union(parse_addresses(address(*member)) for member in members)


@given(MEMBERS, MEMBERS)
def test_sets_behave_as_sets(one: frozenset[tuple[int, int]], other: frozenset[tuple[int, int]]) -> None:
    assert built(one) | built(other) == built(one | other)
    assert built(one) & built(other) == built(one & other)
    assert built(one) - built(other) == built(one - other)
    assert (built(one) <= built(other)) == (one <= other)
    assert (built(one) == built(other)) == (one == other)
    assert bool(built(one)) == bool(one)
    assert built(one).size == len(one)


@given(MEMBERS)
def test_what_is_written_reads_back_as_the_same_set(members: frozenset[tuple[int, int]]) -> None:
    addresses = built(members)
    assert union(map(parse_gateway, render_gateways(addresses))) == addresses
    assert union(map(parse_ip_range, render_ip_ranges(addresses))) == addresses
    assert union(map(parse_addresses, addresses.texts())) == addresses


@given(st.sampled_from([4, 6]), st.integers(0, 2**32 - 1), st.integers(0, 2**18))
def test_the_fewest_cidr_blocks_are_those_that_netaddr_finds(version: int, first: int, more: int) -> None:
    last = min(first + more, 2**32 - 1)
    low, high = netaddr.IPAddress(first, version), netaddr.IPAddress(last, version)
    expected = [str(ipaddress.ip_network(str(block))) for block in netaddr.iprange_to_cidrs(low, high)]
    found = parse_addresses(f"{low}-{high}").blocks()
    assert [str(ipaddress.ip_network(text)) for text, _, _ in found] == expected
