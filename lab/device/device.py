"""The device: what it is, which profile it has, and the HTTP clients of its apps."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path as FilePath
from typing import Final

import httpx

from dtr_rules import Platform
from lab.authority import Credential
from lab.device.profile import InstalledProfile, PinnedGateway, install
from lab.device.routing import Path, Route, route
from lab.device.transport import Attempt, DeviceNetwork, DeviceTransport
from lab.network import Network

SYSTEM: Final = "system"
"""What the device itself is called in the journal, where an app's identifier would stand."""
TIMEOUT: Final = 5.0
"""Seconds that an app waits for any one step of a connection."""


@dataclass(slots=True)
class Device:
    """A device on the lab's network. `storage` is a directory of its own, readable to nobody else.

    `journal` holds every connection that any of its apps asked for, in order.
    """

    name: str
    platform: Platform
    udid: str
    address: str
    network: Network
    trust: ssl.SSLContext = field(repr=False)
    """The server certificates that the device believes."""
    storage: FilePath
    on_trusted_network: bool = False
    profile: InstalledProfile | None = None
    journal: list[Attempt] = field(default_factory=list)

    def install_profile(
        self,
        profile_id: int,
        version: int,
        *,
        rules: str,
        gateway: PinnedGateway,
        client: Credential | None,
    ) -> None:
        """Install a VPN profile in the place of the one that is there.

        Raises as `lab.device.profile.install` does.
        """
        self.profile = install(self.storage, profile_id, version, rules=rules, gateway=gateway, client=client)

    def remove_profile(self) -> None:
        """Remove the VPN profile, with its key."""
        self.profile = None
        for file in self.storage.iterdir():
            file.unlink()

    def route(self, app: str, host: str, port: int) -> Route:
        """The way that a connection of `app` would take now."""
        return route(
            self.profile,
            self.platform,
            app=app,
            host=host,
            port=port,
            on_trusted_network=self.on_trusted_network,
        )

    def open_app(self, app: str) -> httpx.AsyncClient:
        """A fresh start of an app: its HTTP client, without cookies. Redirects are the app's own affair."""
        return self._client(
            app, DeviceNetwork(self.network, self.address, app, partial(self.route, app), self.journal.append)
        )

    def system_client(self) -> httpx.AsyncClient:
        """The device's own HTTP client, for its management: no VPN profile applies to it."""
        return self._client(
            SYSTEM, DeviceNetwork(self.network, self.address, SYSTEM, _always_direct, self.journal.append)
        )

    def _client(self, name: str, network: DeviceNetwork) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=DeviceTransport(network, self.trust),
            headers={"User-Agent": f"{name} ({self.platform.value}; tunnel-lab)"},
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=False,
        )


def _always_direct(_host: str, _port: int) -> Route:
    return Route(Path.DIRECT, "the device's own management is not in the VPN profile")
