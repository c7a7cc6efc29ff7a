"""The lab's network: who has which address, where the real host names lead, and how sockets are had.

Loopback only, no root: every party listens or leaves on an address of its own in 127.0.0.0/8, which Linux
serves without configuration, so the source address that a server sees is real. Ports are picked free, so
that several labs can run at once. `lab.netns` is the same with a network namespace for each party.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import anyio
from anyio.abc import ByteStream


@dataclass(frozen=True, slots=True)
class Addresses:
    """Who has which address. `port` is where every server listens; 0 picks a free one."""

    okta: str
    entra: str
    uem: str
    sample: str
    """A resource that evaluates access continuously."""
    servers: str
    """The block that all servers are in."""
    gateway: str
    """Where the gateway listens."""
    egress: tuple[str, str]
    """What the gateway leaves from: two addresses, one after the other."""
    standby: str
    """The gateway knows it and does not leave from it: what a rotation needs."""
    former: str
    """What the gateway left from in former times."""
    egress_block: str
    """The addresses that are the gateway's to have: what okta-zones may add and remove."""
    devices: str
    """The block of devices, wherever in the world they are."""
    office: str
    """The block of the office, whose addresses both identity providers admit from the start."""
    port: int = 0

    @property
    def leaving(self) -> tuple[str, ...]:
        """Everything that the gateway could leave from."""
        return (*self.egress, self.standby)

    def at_home(self, number: int) -> str:
        """The address of the device with this number."""
        return str(ipaddress.ip_network(self.devices)[number])

    def in_office(self, number: int) -> str:
        """The address of the device with this number while it is in the office."""
        return str(ipaddress.ip_network(self.office)[number])

    def number_of(self, address: str) -> int:
        """The number of the device that has this address, wherever it is."""
        block = self.office if self.is_in_office(address) else self.devices
        return int(ipaddress.ip_address(address)) - int(ipaddress.ip_network(block).network_address)

    def is_in_office(self, address: str) -> bool:
        return ipaddress.ip_address(address) in ipaddress.ip_network(self.office)


LOOPBACK: Final = Addresses(
    okta="127.40.0.10",
    entra="127.40.0.20",
    uem="127.40.0.30",
    sample="127.40.0.40",
    servers="127.40.0.0/24",
    gateway="127.41.0.1",
    egress=("127.42.0.10", "127.42.0.11"),
    standby="127.42.0.12",
    former="127.42.0.99",
    egress_block="127.42.0.0/24",
    devices="127.43.0.0/24",
    office="127.44.0.0/24",
)

OKTA_HOST: Final = "acme.okta.com"
CUSTOM_HOST: Final = "login.acme.example"
"""The org's custom domain."""
LOOK_ALIKE_HOST: Final = "evilacme.okta.com"
"""Somebody else's: another org could have this name."""
ENTRA_HOST: Final = "login.microsoftonline.com"
GRAPH_HOST: Final = "graph.microsoft.com"
SAMPLE_HOST: Final = "api.acme.example"
"""The sample resource, which evaluates access continuously."""
UEM_HOST: Final = "acme.awmdm.com"

Endpoint = tuple[str, int]


class HostUnknownError(Exception):
    """The lab has no such host: in here that is what a name that does not resolve is elsewhere."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"the lab's network has no {host}:{port}")


@dataclass(slots=True)
class Network:
    """Name resolution and routing in one map: host and port as an app says them, to a real endpoint."""

    endpoints: dict[Endpoint, Endpoint] = field(default_factory=dict)
    addresses: Addresses = LOOPBACK

    def lead(self, host: str, address: str, port: int) -> None:
        """Let `host:443` lead to `address:port`."""
        self.endpoints[(host, 443)] = (address, port)

    def resolve(self, host: str, port: int) -> Endpoint:
        """Where a direct connection to `host:port` goes. Raises HostUnknownError."""
        try:
            return self.endpoints[(host.lower().removesuffix("."), port)]
        except KeyError:
            raise HostUnknownError(host, port) from None

    def connect_to(self) -> dict[str, str]:
        """The same map as the gateway's `connect-to` writes it: `host:port` to `address:port`."""
        return {f"{host}:{port}": f"{address}:{real}" for (host, port), (address, real) in self.endpoints.items()}

    def listen(self, address: str, port: int) -> socket.socket:
        """A listening socket of the party at `address`. Raises OSError where it cannot be had."""
        return listening_socket(address, port)

    async def connect(self, source: str, address: str, port: int) -> ByteStream:
        """A TCP connection of the device at `source`. Raises OSError where nobody answers."""
        return await anyio.connect_tcp(address, port, local_host=source)

    def announce(self, source: str, address: str, port: int, *, tunnelled: bool) -> None:
        """Hear of a connection that an app of the device at `source` asks for, and which way the rules send it."""

    def program(self, address: str, arguments: Iterable[str]) -> list[str]:
        """How to run a program of the party at `address`."""
        del address  # every party is on this machine
        return list(arguments)

    def events_endpoint(self) -> dict[str, Any]:
        """Where the gateway listens for the UEM's events, as its configuration says it."""
        return {"listen": f"{self.addresses.gateway}:0"}

    def admin_endpoint(self) -> dict[str, str]:
        """Where the gateway's admin endpoint listens, as its configuration says it."""
        return {"listen": "127.0.0.1:0"}


def listening_socket(address: str, port: int) -> socket.socket:
    """A TCP socket bound to `address`; nothing is waited for on it. Raises OSError where it cannot be had."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener
