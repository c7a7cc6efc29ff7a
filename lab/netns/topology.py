"""Parties and their links: a star with the Internet in the middle, which captures what passes."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lab.netns import namespace
from lab.netns.capture import Capture
from lab.netns.namespace import Namespace
from lab.netns.role import Role

ROUTER: Final = "192.0.2.254"
"""The router's own address on every link."""
SETTLED_WITHIN: Final = 5.0
"""Seconds until a capture that has not seen the end counts as having lost it."""
_DISCARD: Final = 9  # RFC 863
_MARKER: Final = 32  # bytes


@dataclass(frozen=True, slots=True)
class Party:
    """A namespace with its addresses, and the capture of its link."""

    name: str
    role: Role
    addresses: tuple[str, ...]
    namespace: Namespace
    capture: Capture

    async def settle(self) -> bool:
        """Wait until the capture holds whatever was sent before; whether it does.

        Packets wait in the namespace until the router's link address is known, and leave in order: a marker comes last.
        """
        marker = secrets.token_bytes(_MARKER)
        settled = asyncio.ensure_future(self.capture.seen(marker, SETTLED_WITHIN))
        await asyncio.sleep(0)  # the capture looks for it from here on
        with self.namespace.entered(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as endpoint:
            endpoint.sendto(marker, (ROUTER, _DISCARD))
        return await settled


@dataclass(slots=True)
class Topology:
    """The router and whoever was joined to it. `folder` is where the captures go."""

    folder: Path
    router: Namespace
    parties: list[Party] = field(default_factory=list)

    def join(self, name: str, role: Role, addresses: tuple[str, ...]) -> Party:
        """A new party, captured from its link's first packet on; it leaves from its first address by default."""
        own = namespace.create(name)
        interface = f"r{len(self.parties)}"
        try:
            self.router.configure(
                [
                    f"link add {interface} netns {self.router.name} type veth peer eth0 netns {own.name}",
                    f"link set {interface} up",  # as a packet socket wants it; the other end is still down
                ]
            )
            capture = Capture(self.router, interface, self.folder / f"{name}.pcap")
        except BaseException:
            namespace.remove(own)
            raise
        party = Party(name, role, addresses, own, capture)
        self.parties.append(party)
        self.router.configure(
            [
                f"address add {ROUTER}/32 dev {interface}",
                *(f"route add {address}/32 dev {interface}" for address in addresses),
            ]
        )
        own.configure(
            [
                *(f"address add {address}/32 dev eth0" for address in addresses),
                "link set eth0 up",
                f"route add default via {ROUTER} dev eth0 onlink src {addresses[0]}",
            ]
        )
        return party

    def at(self, address: str) -> Party | None:
        """Whose an address is."""
        return next((party for party in self.parties if address in party.addresses), None)


@contextmanager
def star(folder: Path) -> Iterator[Topology]:
    """A router without parties. In the end captures are closed and every namespace is gone.

    Raises NetnsUnavailableError. What earlier runs left behind by dying is removed first.
    """
    namespace.remove_stale()
    router = namespace.create("internet")
    topology = Topology(folder, router)
    try:
        router.set("ipv4/ip_forward", "1")
        yield topology
    finally:
        for party in topology.parties:
            party.capture.stop()
        for each in (*(party.namespace for party in topology.parties), router):
            namespace.remove(each)
