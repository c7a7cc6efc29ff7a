"""A Tunnel profile: the gateway, its certificate, and the set of device traffic rules that it refers to."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lab.uem.inventory import DevicePlatform
from lab.uem.rule_sets import SavedRuleSet


class Assignment(StrEnum):
    """How a profile comes to a device."""

    AUTO = "Auto"
    """To every device of its platform, from the enrolment on."""
    COMPLIANCE = "Compliance"
    """By a compliance policy's action only."""


@dataclass(frozen=True, slots=True)
class TunnelGateway:
    """Where the gateway is. `certificate` is PEM: the client pins exactly this one."""

    host: str
    port: int
    certificate: str

    def delivery(self) -> dict[str, Any]:
        certificates = [{"active": True, "certificate": self.certificate}]
        return {"host": self.host, "port": self.port, "tls_server_certificates": certificates}


@dataclass(frozen=True, slots=True)
class TunnelProfile:
    """A Tunnel profile of one platform as the console holds it. `version` grows with each publication."""

    id: int
    name: str
    platform: DevicePlatform
    rule_set: str
    """The set's name."""
    gateway: TunnelGateway
    assignment: Assignment = Assignment.AUTO
    version: int = 1

    @property
    def uuid(self) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:uem:profile:{self.id}"))

    def delivery(self, rules: SavedRuleSet) -> dict[str, Any]:
        """The profile as a device of the lab gets it, after the field names of the product's `tunnel/profile`."""
        return {
            "profile_id": self.id,
            "name": self.name,
            "version": self.version,
            "gateway": self.gateway.delivery(),
            "rule_set": {"name": rules.name, "uuid": rules.uuid, "version": rules.version},
            "device_traffic_rules": rules.text,
        }
