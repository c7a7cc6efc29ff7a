"""The apps that the tenant manages: what they are called on each platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lab.uem.inventory import DevicePlatform


@dataclass(frozen=True, slots=True)
class ManagedApp:
    """An app that the tenant installs on every device of the platforms that it has an identifier for."""

    name: str
    identifiers: Mapping[DevicePlatform, str]
    version: str = "1.0"
    type: str = "Public"


TUNNEL_APP: Final = ManagedApp(
    "Tunnel",
    {
        DevicePlatform.APPLE: "com.air-watch.tunnel",
        DevicePlatform.ANDROID: "com.airwatch.tunnel",
        DevicePlatform.MACOS: "com.air-watch.tunnel",
        DevicePlatform.WINDOWS: r"C:\Program Files\VMware\Workspace ONE Tunnel\Tunnel.exe",
    },
)
"""The Tunnel client. Android's package stands in public app lists, the others are from memory."""
