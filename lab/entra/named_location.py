"""A named location: its values, its JSON, and what a request body may hold (Graph v1.0, ipNamedLocation).

Recorded or documented: addresses in CIDR form only, host bits kept, masks longer than /8, at most 2000 ranges,
`@odata.type` required, display names not unique. The wording of refusals is the lab's own.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from lab.entra.errors import bad_request

IP: Final = "#microsoft.graph.ipNamedLocation"
COUNTRY: Final = "#microsoft.graph.countryNamedLocation"
MOST_RANGES: Final = 2000
SHORTEST_MASK: Final = 9
_VERSIONS: Final = {"#microsoft.graph.iPv4CidrRange": 4, "#microsoft.graph.iPv6CidrRange": 6}


@dataclass(frozen=True, slots=True)
class NamedLocation:
    """A location at one moment. `details` holds what only its type has."""

    id: str
    type: str
    display_name: str
    created: datetime
    modified: datetime
    details: Mapping[str, Any]

    @property
    def trusted(self) -> bool:
        return bool(self.details.get("isTrusted"))

    def contains(self, address: str) -> bool:
        """Whether a connecting address is in here. The lab knows nothing of countries."""
        wanted = ipaddress.ip_address(address)
        networks = (
            ipaddress.ip_network(entry["cidrAddress"], strict=False) for entry in self.details.get("ipRanges", ())
        )
        return any(wanted in network for network in networks)

    def to_json(self) -> dict[str, Any]:
        return {
            "@odata.type": self.type,
            "id": self.id,
            "displayName": self.display_name,
            "modifiedDateTime": ticks(self.modified),
            "createdDateTime": ticks(self.created),
            **self.details,
        }


def ticks(moment: datetime) -> str:
    """`2019-09-04T01:11:34.9387578Z`: a tenth of a microsecond more than Python has."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def new_location(location_id: str, body: Mapping[str, Any], now: datetime) -> NamedLocation:
    """The location that a POST body describes. Raises GraphError (400)."""
    _check_type(body)
    if "ipRanges" not in body:
        raise bad_request("ipRanges is required.")
    details = {"isTrusted": _trusted(body.get("isTrusted", False)), "ipRanges": _ranges(body["ipRanges"])}
    return NamedLocation(location_id, IP, _display_name(body.get("displayName")), now, now, details)


def changed_location(before: NamedLocation, body: Mapping[str, Any], now: datetime) -> NamedLocation:
    """The location after a PATCH: what the body omits stays, `ipRanges` is replaced whole. Raises GraphError (400)."""
    _check_type(body)
    if before.type != IP:
        raise bad_request("The type of a named location cannot be changed.")
    details = dict(before.details)
    if "isTrusted" in body:
        details["isTrusted"] = _trusted(body["isTrusted"])
    if "ipRanges" in body:
        details["ipRanges"] = _ranges(body["ipRanges"])
    name = _display_name(body["displayName"]) if "displayName" in body else before.display_name
    return replace(before, display_name=name, modified=now, details=details)


def _check_type(body: Mapping[str, Any]) -> None:
    if body.get("@odata.type") != IP:
        raise bad_request(f"@odata.type is required and must be {IP}.")


def _display_name(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise bad_request("displayName must not be empty.")
    return value


def _trusted(value: object) -> bool:
    if not isinstance(value, bool):
        raise bad_request("isTrusted must be true or false.")
    return value


def _ranges(value: object) -> list[dict[str, str]]:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_RANGES:
        raise bad_request(f"ipRanges must hold 1 to {MOST_RANGES} ranges.")
    return [_range(entry) for entry in value]


def _range(entry: object) -> dict[str, str]:
    if not isinstance(entry, dict) or entry.get("@odata.type") not in _VERSIONS:
        raise bad_request(f"The @odata.type of a range must be one of {', '.join(_VERSIONS)}.")
    text = entry.get("cidrAddress")
    if not isinstance(text, str) or "/" not in text:
        raise bad_request(f"cidrAddress must be in CIDR notation: {text}")
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise bad_request(f"cidrAddress must be in CIDR notation: {text}") from error
    if network.version != _VERSIONS[entry["@odata.type"]] or network.prefixlen < SHORTEST_MASK:
        raise bad_request(f"cidrAddress is of the wrong family, or wider than allowed: {text}")
    return {"@odata.type": entry["@odata.type"], "cidrAddress": text}
