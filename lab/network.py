"""The lab's network: who has which address, and where the real host names lead.

Loopback only, no root: every party listens or leaves on an address of its own in 127.0.0.0/8, which Linux
serves without configuration, so the source address that a server sees is real. Ports are picked free, so
that several labs can run at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

OKTA_ADDRESS: Final = "127.40.0.10"
ENTRA_ADDRESS: Final = "127.40.0.20"
SAMPLE_ADDRESS: Final = "127.40.0.22"
UEM_ADDRESS: Final = "127.40.0.30"
SERVERS: Final = "127.40.0.0/24"
GATEWAY_ADDRESS: Final = "127.41.0.1"
EGRESS_ADDRESSES: Final = ("127.42.0.10", "127.42.0.11")
STANDBY_ADDRESS: Final = "127.42.0.12"
"""The gateway knows it and does not leave from it: what a rotation needs."""
DEVICES: Final = "127.43.0"
"""What the addresses of devices begin with, wherever in the world they are."""
OFFICE: Final = "127.44.0"
"""The same in the office, whose addresses both identity providers admit from the start."""

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
