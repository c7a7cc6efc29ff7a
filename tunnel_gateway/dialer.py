"""Where a host leads: the addresses that may be dialled for it, each judged before anything is sent to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from dtr_rules.hosts import Address, Host
from tunnel_gateway.addresses import Network, why_not
from tunnel_gateway.reasons import Reason, RefusalError
from tunnel_gateway.resolver import Resolver

MAX_TARGETS: Final = 8
"""Addresses of one name that are tried at the most."""

HostPort = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Target:
    """An address and port to dial. `mapped` where the operator's `connect-to` led there, not the host's own name."""

    address: Address
    port: int
    mapped: bool = False


class Dialer:
    """Resolves hosts. `connect_to` leads a host and port elsewhere; `allowed` internal networks may be dialled."""

    def __init__(self, connect_to: Mapping[HostPort, HostPort], allowed: Sequence[Network], timeout: float) -> None:
        self._connect_to = connect_to
        self._allowed = allowed
        self._resolver = Resolver(timeout)

    async def targets(self, host: Host, port: int) -> list[Target]:
        """The addresses to dial for the host, in the resolver's order, every one of them judged.

        Raises RefusalError: `resolution-failed`, or `address-not-allowed` where no address is left.
        """
        mapped = self._connect_to.get((str(host), port))
        if mapped is not None:
            found = [Target(Address(ip_address(mapped[0])), mapped[1], mapped=True)]
        elif isinstance(host, Address):
            found = [Target(host, port)]
        else:
            found = [Target(address, port) for address in await self._resolver.addresses(str(host), port)]
        reasons = [why_not(target.address.ip, self._allowed) for target in found]
        allowed = [target for target, reason in zip(found, reasons, strict=True) if reason is None]
        if not allowed:
            kinds = ", ".join(sorted({reason for reason in reasons if reason}))
            raise RefusalError(Reason.ADDRESS_NOT_ALLOWED, f"the host leads to a {kinds} address")
        return allowed[:MAX_TARGETS]
