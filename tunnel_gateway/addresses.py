"""Which resolved addresses a gateway may dial.

A name in a rule can be made to resolve to anything, so every address is judged before it is dialled. The table is our
own and dated, because `ipaddress.is_global` differs between Python versions: IANA's special-purpose address registries
for IPv4 and IPv6 (RFC 6890), read 2026-11, plus multicast; and the addresses where clouds hand out credentials.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_SPECIAL: Sequence[tuple[Network, str]] = [
    (ip_network(prefix), kind)
    for prefix, kind in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared address space"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "AS112"),
        ("192.52.193.0/24", "AMT"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "AS112"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("64:ff9b:1::/48", "local translation"),
        ("100::/64", "discard"),
        ("100:0:0:1::/64", "dummy prefix"),
        ("2001::/23", "protocol assignments"),
        ("2001:db8::/32", "documentation"),
        ("2620:4f:8000::/48", "AS112"),
        ("3fff::/20", "documentation"),
        ("5f00::/16", "segment routing"),
        ("fc00::/7", "unique local"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
]

_METADATA = frozenset(
    ip_address(address)
    for address in (
        "169.254.169.254",  # AWS, Azure, Google, and most others
        "169.254.170.2",  # AWS, for containers
        "169.254.170.23",
        "168.63.129.16",  # Azure
        "192.0.0.192",  # Oracle
        "100.100.100.200",  # Alibaba
        "fd00:ec2::254",  # AWS
        "fd00:ec2::23",
        "fd20:ce::254",  # Google
    )
)

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
_TRANSLATED = IPv6Network("::ffff:0:0:0/96")  # RFC 2765, 2.1: deprecated, and still known to translators
_COMPATIBLE = IPv6Network("::/96")  # RFC 4291, 2.5.5.1: deprecated, and still routed by some stacks


def unwrap(address: Address) -> Address:
    """The IPv4 address that an IPv6 form carries (mapped, compatible, translated, NAT64, 6to4, Teredo's client), else
    itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64 or address in _TRANSLATED or (address in _COMPATIBLE and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def why_not(address: Address, allowed: Sequence[Network]) -> str | None:
    """Why `address` may not be dialled, in a word; None where it may.

    `allowed` are networks permitted all the same; a metadata address must stand there by itself.
    """
    inner = unwrap(address)
    if inner in _METADATA and not any(inner in network and network.num_addresses == 1 for network in allowed):
        return "cloud metadata"
    if any(inner in network for network in allowed):
        return None
    return next((kind for network, kind in _SPECIAL if inner in network), None)
