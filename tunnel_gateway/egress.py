"""The known addresses that the gateway leaves from.

A device keeps its address: identity providers look askance at a session whose address changes between two requests.
"""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address

from tunnel_gateway.reasons import Reason, RefusalError

Address = IPv4Address | IPv6Address


class EgressPool:
    """The egress addresses in the configured order."""

    def __init__(self, addresses: Sequence[Address]) -> None:
        self.addresses = tuple(addresses)

    def for_device(self, udid: str, versions: Iterable[int]) -> Address:
        """The device's egress address of the first IP version that has any.

        Raises RefusalError with `egress-unavailable` where there is none of these versions.
        """
        for version in versions:
            candidates = [address for address in self.addresses if address.version == version]
            if candidates:
                digest = hashlib.sha256(udid.lower().encode()).digest()
                return candidates[int.from_bytes(digest[:8]) % len(candidates)]
        raise RefusalError(Reason.EGRESS_UNAVAILABLE, "no egress address of the destination's IP version")


def why_not_local(address: Address) -> str | None:
    """Why connections cannot leave from `address` on this machine, in the system's words; None where they can."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind((str(address), 0))
    except OSError as error:
        return error.strerror or str(error)
    return None
