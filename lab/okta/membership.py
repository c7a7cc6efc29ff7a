"""Which addresses a request came from, and whether a zone contains them (Okta help, "About IP zones").

An IP chain reads `client, proxy1, proxy2`: the rightmost address is the one that connects. `X-Forwarded-For`
adds to it only where the connecting address is a trusted proxy of some zone.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from lab.okta.zone import AddressRange, Zone

MOST_CHECKED: Final = 5  # addresses of a chain that are looked at, from the right

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def ip_chain(peer: str, forwarded_for: str, zones: Iterable[Zone]) -> tuple[Address, ...]:
    """The chain of a request: the socket's peer, preceded by what it forwarded if it is a trusted proxy."""
    connecting = ipaddress.ip_address(peer)
    if not any(contains(zone.proxies, connecting) for zone in zones):
        return (connecting,)
    forwarded: list[Address] = []
    for text in reversed(forwarded_for.split(",")):
        try:
            forwarded.insert(0, ipaddress.ip_address(text.strip()))
        except ValueError:
            break  # what stands left of nonsense has no witness
    return (*forwarded, connecting)


def client_address(chain: Sequence[Address], zones: Sequence[Zone]) -> Address:
    """The address that counts as the client's: the rightmost that is no trusted proxy."""
    for address in reversed(chain):
        if not any(contains(zone.proxies, address) for zone in zones):
            return address
    return chain[0]


def in_zone(chain: Sequence[Address], zone: Zone) -> bool:
    """Whether the chain is in the zone: step left past the zone's proxies until one of its gateways appears.

    Only IP zones can be judged: the lab knows nothing of countries, networks or anonymizers.
    """
    for address in islice(reversed(chain), MOST_CHECKED):
        if contains(zone.gateways, address):
            return True
        if not contains(zone.proxies, address):
            return False
    return False


def is_blocked(chain: Sequence[Address], zones: Sequence[Zone], anonymizers: Sequence[str] = ()) -> bool:
    """Whether a blocklist holds any address of the chain that the exempt zone does not."""
    blocklists = [zone for zone in zones if zone.usage == "BLOCKLIST"]
    exempt = [zone for zone in zones if zone.is_exempt_list]
    known = [AddressRange("CIDR", network) for network in anonymizers]
    refused = [entry for zone in blocklists for entry in (known if zone.blocks_anonymizers else zone.gateways)]
    blocked = [address for address in chain if contains(refused, address)]
    return any(not any(contains(zone.gateways, address) for zone in exempt) for address in blocked)


def contains(ranges: Iterable[AddressRange], address: Address) -> bool:
    """Whether one of `ranges` holds `address`."""
    return any(entry.contains(address) for entry in ranges)
