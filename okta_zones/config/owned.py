"""`owned-prefixes`: the addresses that are ours to add or remove."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Final

from pydantic import PlainValidator

from okta_zones.addresses import AddressSet, parse_addresses

WIDEST_OWNED: Final = {4: 8, 6: 16}
"""The shortest prefix length that `owned-prefixes` takes: `0.0.0.0/0` would protect nothing."""


def _owned(value: object) -> AddressSet:
    try:
        network = ipaddress.ip_network(value if isinstance(value, str) else "")
    except ValueError as error:
        raise ValueError(f"must be an address or a CIDR block ({error})") from None
    if network.prefixlen < WIDEST_OWNED[network.version]:
        raise ValueError(f"too wide to be owned; at least /{WIDEST_OWNED[network.version]}")
    return parse_addresses(str(network))


OwnedPrefix = Annotated[AddressSet, PlainValidator(_owned)]
