"""Addresses from which nobody on the internet comes: a zone that holds one admits nobody, or the wrong ones.

IANA's special-purpose address registries for IPv4 and IPv6 (RFC 6890), read 2026-11, plus multicast and the IPv6 forms
that carry an IPv4 address. A table of our own, because `ipaddress.is_global` differs between Python versions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from okta_zones.addresses import AddressSet, parse_addresses, union

_KINDS: Final = {
    "private": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
    "loopback": ("127.0.0.0/8", "::1"),
    "link-local": ("169.254.0.0/16", "fe80::/10"),
    "shared address space": ("100.64.0.0/10",),
    "documentation": ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"),
    "multicast": ("224.0.0.0/4", "ff00::/8"),
    "benchmarking": ("198.18.0.0/15",),
    "translated IPv4": ("::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16"),
    "reserved": (
        "0.0.0.0/8",
        "192.0.0.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.175.48.0/24",
        "240.0.0.0/4",
        "::",
        "100::/64",
        "100:0:0:1::/64",
        "2001::/23",
        "2620:4f:8000::/48",
        "5f00::/16",
        "fec0::/10",
    ),
}
_SPECIAL: Final = {kind: union(map(parse_addresses, blocks)) for kind, blocks in _KINDS.items()}


def special_parts(addresses: AddressSet) -> Iterator[tuple[str, AddressSet]]:
    """The kinds of special addresses in `addresses`, each with those that are of it."""
    for kind, block in _SPECIAL.items():
        if found := addresses & block:
            yield kind, found
