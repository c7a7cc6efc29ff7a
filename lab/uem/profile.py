"""The VPN profile that the tenant delivers: the gateway, its certificate, and the device traffic rules.

The wire form is the lab's own, after the field names of the product's `tunnel/profile` answer; the rule set
travels as the text of a rule file, since that is what the rest of the project reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class VpnProfile:
    """A Tunnel profile as the console holds it. `version` grows with each publication."""

    id: int
    name: str
    gateway_host: str
    gateway_port: int
    gateway_certificate: str
    """PEM; the client pins exactly this certificate."""
    rules: str
    """The text of the rule file."""
    version: int = 1

    def delivery(self) -> dict[str, Any]:
        """The profile as a device gets it."""
        return {
            "profile_id": self.id,
            "name": self.name,
            "version": self.version,
            "gateway": {
                "host": self.gateway_host,
                "port": self.gateway_port,
                "tls_server_certificates": [{"active": True, "certificate": self.gateway_certificate}],
            },
            "device_traffic_rules": self.rules,
        }
