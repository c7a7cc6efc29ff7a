"""A network zone: its values, and the JSON that the API shows of it (recorded traffic)."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from lab.okta.identifiers import whole_seconds

EXEMPT_ZONE: Final = "DefaultExemptIpZone"
BLOCKED_ZONE: Final = "BlockedIpZone"


@dataclass(frozen=True, slots=True)
class AddressRange:
    """One entry of `gateways` or `proxies`: an IPv4 or IPv6 CIDR, or a range with both ends."""

    type: str
    value: str

    def bounds(self) -> tuple[int, int, int]:
        """IP version, first and last address as numbers. Raises ValueError for what is none of both forms."""
        if self.type == "CIDR":
            network = ipaddress.ip_network(self.value, strict=False)
            return network.version, int(network.network_address), int(network.broadcast_address)
        first, _, last = self.value.partition("-")
        low, high = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
        if low.version != high.version or int(low) > int(high):
            raise ValueError("a range must not run backwards")
        return low.version, int(low), int(high)

    def contains(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        version, low, high = self.bounds()
        return version == address.version and low <= int(address) <= high


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone at one moment. `details` holds what only its type has, in the order of the wire."""

    id: str
    type: str
    name: str
    status: str
    usage: str
    created: datetime
    last_updated: datetime
    system: bool
    details: Mapping[str, Any]
    system_name: str = ""
    """The name that a system zone was born with: its own can be changed."""

    @property
    def gateways(self) -> tuple[AddressRange, ...]:
        return self._ranges("gateways")

    @property
    def proxies(self) -> tuple[AddressRange, ...]:
        return self._ranges("proxies")

    @property
    def is_exempt_list(self) -> bool:
        return self.system_name == EXEMPT_ZONE

    @property
    def blocks_anonymizers(self) -> bool:
        """An enhanced dynamic zone that blocks whatever is known as an anonymizer."""
        categories = self.details.get("ipServiceCategories") or {}
        return self.usage == "BLOCKLIST" and "ALL_ANONYMIZERS" in (categories.get("include") or ())

    def to_json(self, org_url: str) -> dict[str, Any]:
        """The API's object; `org_url` is the origin that its links start with."""
        return {
            "type": self.type,
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "usage": self.usage,
            "created": whole_seconds(self.created),
            "lastUpdated": whole_seconds(self.last_updated),
            "system": self.system,
            **self.details,
            "_links": self._links(f"{org_url}/api/v1/zones/{self.id}"),
        }

    def _ranges(self, name: str) -> tuple[AddressRange, ...]:
        return tuple(AddressRange(entry["type"], entry["value"]) for entry in self.details.get(name) or ())

    def _links(self, url: str) -> dict[str, Any]:
        own = {"self": {"href": url, "hints": {"allow": ["GET", "PUT", "DELETE"]}}}
        verb = "deactivate" if self.status == "ACTIVE" else "activate"
        lifecycle = {verb: {"href": f"{url}/lifecycle/{verb}", "hints": {"allow": ["POST"]}}}
        return {**own, **lifecycle} if self.status == "ACTIVE" else {**lifecycle, **own}
