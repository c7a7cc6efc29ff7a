"""Where a host leads: the addresses that may be dialled for it, each judged before anything is sent to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from dtr_rules.hosts import Address, Host
from tunnel_gateway.addresses import Network, why_not
from tunnel_gateway.egress import why_not_local
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
    """Finds targets. `connect_to` leads a host and port elsewhere; `allowed` internal networks may be dialled.

    `never` are the gateway's own sockets: no network that is allowed makes a way to them.
    """

    def __init__(
        self,
        connect_to: Mapping[HostPort, HostPort],
        allowed: Sequence[Network],
        resolver: Resolver,
        never: frozenset[HostPort] = frozenset(),
    ) -> None:
        self._connect_to = {
            asked: Target(Address(ip_address(host)), port, mapped=True) for asked, (host, port) in connect_to.items()
        }
        self._allowed = allowed
        self._resolver = resolver
        self.never = never

    async def targets(self, host: Host, port: int) -> list[Target]:
        """The addresses to dial for the host, in the resolver's order, every one of them judged.

        Raises RefusalError: `resolution-failed`, or `address-not-allowed` where no address is left.
        """
        mapped = self._connect_to.get((str(host), port))
        if mapped is not None:
            found = [mapped]
        elif isinstance(host, Address):
            found = [Target(host, port)]
        else:
            found = [Target(address, port) for address in await self._resolver.addresses(str(host))]
        if not found:
            raise RefusalError(Reason.RESOLUTION_FAILED, "the name has no address of an IP version that leaves here")
        reasons = [self._why_not(target) for target in found]
        allowed = [target for target, reason in zip(found, reasons, strict=True) if reason is None]
        if not allowed:
            kinds = " or ".join(sorted({reason for reason in reasons if reason}))
            raise RefusalError(Reason.ADDRESS_NOT_ALLOWED, f"the host leads to {kinds}")
        return allowed[:MAX_TARGETS]

    def judge(self, host: Host) -> None:
        """Judge a host that is not looked up here: a name passes, an address that may not be dialled does not."""
        reason = why_not(host.ip, self._allowed) if isinstance(host, Address) else None
        if reason is not None:
            raise RefusalError(Reason.ADDRESS_NOT_ALLOWED, f"the host is an address of the kind {reason}")

    def _why_not(self, target: Target) -> str | None:
        if any(target.port == port and _is_at(target.address, host) for host, port in self.never):
            return "one of the gateway's own sockets"
        kind = why_not(target.address.ip, self._allowed)
        return None if kind is None else f"an address of the kind {kind}"


def _is_at(address: Address, listening: str) -> bool:
    """Whether what listens on `listening` is reached at `address`; 0.0.0.0 and :: are all addresses of this machine."""
    own = ip_address(listening)
    return own == address.ip or (own.is_unspecified and why_not_local(address.ip) is None)
