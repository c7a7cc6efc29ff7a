"""The lab's network with a namespace for each party: documentation addresses (RFC 5737) and port 443."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anyio.abc import ByteStream, SocketStream

from dtr_rules.replay.packet_file import PacketFileError
from lab.netns import quic
from lab.netns.addressing import ADMINISTRATORS, DOCUMENTATION
from lab.netns.packets import sightings
from lab.netns.privilege import NetnsUnavailableError, require
from lab.netns.proof import Captured, Intent, Places, Sentence, prove
from lab.netns.role import Role
from lab.netns.topology import Party, Topology, star
from lab.network import Network, listening_socket


@dataclass(slots=True)
class NamespacedNetwork(Network):
    """Every socket is made in the namespace of whose it is; a device joins when it first connects."""

    topology: Topology = field(kw_only=True)
    intents: list[Intent] = field(default_factory=list)
    """What apps asked their devices for, in order."""
    refused_quic: int = 0
    """Datagrams that the filters on devices refused."""
    filtered: set[tuple[str, str]] = field(default_factory=set)
    """Device and server: where a filter for UDP 443 is on."""
    has_filter: bool = True
    """Whether devices have one at all; off, QUIC slips past, and the captures show it."""

    def listen(self, address: str, port: int) -> socket.socket:
        with self._party(address).namespace.entered():
            return listening_socket(address, port)

    async def connect(self, source: str, address: str, port: int) -> ByteStream:
        with self._device(source).namespace.entered():
            endpoint = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            endpoint.setblocking(False)
            endpoint.bind((source, 0))
            await asyncio.get_running_loop().sock_connect(endpoint, (address, port))
            return await SocketStream.from_socket(endpoint)
        except BaseException:
            endpoint.close()
            raise

    def announce(self, source: str, address: str, port: int, *, tunnelled: bool) -> None:
        """The app tries QUIC first; to a host whose TCP is tunnelled the device's filter is on."""
        self.intents.append(Intent(source, address, port, tunnelled))
        device, where = self._device(source), (source, address)
        wanted = tunnelled and self.has_filter
        if wanted and where not in self.filtered:
            quic.refuse(device.namespace, address)
            self.filtered.add(where)
        elif not wanted and where in self.filtered:
            quic.allow(device.namespace, address)
            self.filtered.remove(where)
        self.refused_quic += not quic.try_quic(device.namespace, source, address)

    def program(self, address: str, arguments: Iterable[str]) -> list[str]:
        return self._party(address).namespace.command(arguments)

    def events_endpoint(self) -> dict[str, Any]:
        """By TLS: the UEM's password crosses a network here."""
        return {"listen": f"{self.addresses.gateway}:0", "tls": {"certificate": "gateway.pem", "key": "gateway.key"}}

    def admin_endpoint(self) -> dict[str, str]:
        """A Unix socket, which every namespace of this machine shares."""
        return {"socket": "admin.sock"}

    async def proved(self) -> tuple[tuple[Captured, ...], tuple[Sentence, ...]]:
        """End the captures and hold them against what the devices' rules had decided.

        Raises NetnsUnavailableError where a capture cannot be read.
        """
        captures = tuple([await _read(party) for party in self.topology.parties])
        return captures, prove(captures, self.intents, self._places(), refused_quic=self.refused_quic)

    def _places(self) -> Places:
        known = self.addresses
        return Places(
            login_hosts=frozenset({known.okta, known.entra}),
            egress=frozenset(known.leaving),
            managing=frozenset({ADMINISTRATORS, known.uem}),
        )

    def _party(self, address: str) -> Party:
        party = self.topology.at(address)
        assert party is not None, f"{address} is nobody's"
        return party

    def _device(self, source: str) -> Party:
        known = self.topology.at(source)
        if known is not None:
            return known
        place = "office" if self.addresses.is_in_office(source) else "device"
        return self.topology.join(f"{place}-{source}", Role.DEVICE, (source,))


@contextlib.asynccontextmanager
async def laid_out(folder: Path) -> AsyncIterator[NamespacedNetwork]:
    """The network, its captures in `folder`. This thread is in the administrators' namespace meanwhile.

    Raises NetnsUnavailableError. Nothing of it stays, however it ends.
    """
    require()
    known = DOCUMENTATION
    with star(folder) as topology:
        topology.join("okta", Role.SERVER, (known.okta,))
        topology.join("entra", Role.SERVER, (known.entra,))
        topology.join("sample", Role.SERVER, (known.sample,))
        topology.join("gateway", Role.GATEWAY, (known.gateway, *known.leaving))
        management = topology.join("management", Role.SERVER, (ADMINISTRATORS, known.uem))
        with management.namespace.entered():
            yield NamespacedNetwork(addresses=known, topology=topology)


async def _read(party: Party) -> Captured:
    has_end = await party.settle()
    capture = party.capture
    capture.stop()
    try:
        seen = sightings(capture.path)
    except (PacketFileError, OSError) as error:
        raise NetnsUnavailableError(f"{capture.path}: cannot be read back: {error}") from error
    return Captured(party.name, party.role, capture.packets, capture.lost, has_end, seen)
