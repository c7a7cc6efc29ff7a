"""What a zone's request body may hold, and what the service makes of it.

Recorded: a single address becomes a range of one, CIDRs keep their host bits, order is kept, duplicates and
private addresses are accepted, an omitted list becomes null. The texts of most refusals are not confirmed:
those here are the lab's own, in the shape that is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lab.okta.errors import validation_failed
from lab.okta.knobs import Knobs
from lab.okta.zone import AddressRange

LONGEST_NAME: Final = 128
PROXY_TYPES: Final = ("", "Any", "Tor", "NotTorAnonymizer", "TorAnonymizer")  # two more than documented are recorded


@dataclass(frozen=True, slots=True)
class ZoneBody:
    """A request body that was accepted, normalised as the service stores it."""

    type: str
    name: str
    status: str
    usage: str
    details: Mapping[str, Any]


def read_zone_body(body: Mapping[str, Any], knobs: Knobs, *, system: bool = False) -> ZoneBody:
    """Check and normalise a body. Raises OktaError (400 E0000001)."""
    kind = _choice(body, "type", ("IP", "DYNAMIC", "DYNAMIC_V2"), None)
    usage = _choice(body, "usage", ("POLICY", "BLOCKLIST"), "POLICY")
    status = _choice(body, "status", ("ACTIVE", "INACTIVE"), "ACTIVE")
    name = body.get("name")
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        raise validation_failed("name", f"The field must hold 1 to {LONGEST_NAME} characters")
    if kind == "IP":
        details = _ip_details(body, usage, _most(usage, knobs, system=system), knobs, may_be_empty=system)
    elif kind == "DYNAMIC":
        details = _dynamic_details(body)
    else:
        details = _enhanced_details(body)
    return ZoneBody(kind, name, status, usage, details)


def _most(usage: str, knobs: Knobs, *, system: bool) -> int:
    if system:
        return knobs.most_system_zone_entries
    return knobs.most_blocklist_entries if usage == "BLOCKLIST" else knobs.most_zone_entries


def _choice(body: Mapping[str, Any], field: str, allowed: tuple[str, ...], default: str | None) -> str:
    value = body.get(field, default)
    if value not in allowed:
        raise validation_failed(field, f"The field must be one of {', '.join(allowed)}")
    return str(value)


def _ip_details(body: Mapping[str, Any], usage: str, most: int, knobs: Knobs, *, may_be_empty: bool) -> dict[str, Any]:
    gateways = _entries(body, "gateways", most, knobs)
    proxies = _entries(body, "proxies", most, knobs)
    if not gateways and not proxies and not may_be_empty:
        raise validation_failed("gateways", "Configure at least one gateway or proxy")
    if proxies and usage == "BLOCKLIST":
        raise validation_failed("proxies", "A blocklist zone has no trusted proxies")
    return {"gateways": gateways, "proxies": proxies}


def _entries(body: Mapping[str, Any], field: str, most: int, knobs: Knobs) -> list[dict[str, str]] | None:
    entries = body.get(field)
    if entries is None:
        return None
    if not isinstance(entries, list):
        raise validation_failed(field, "The field must be a list")
    if len(entries) > most:
        raise validation_failed(field, f"The zone holds more than {most} entries")
    return [_entry(entry, field, knobs) for entry in entries]


def _entry(entry: object, field: str, knobs: Knobs) -> dict[str, str]:
    if not isinstance(entry, dict) or not isinstance(entry.get("value"), str):
        raise validation_failed(field, "An entry must have a type and a value")
    kind, value = entry.get("type"), entry["value"]
    if kind not in ("CIDR", "RANGE"):
        raise validation_failed(field, "The type of an entry must be CIDR or RANGE")
    if kind == "CIDR" and "/" not in value:
        raise validation_failed(field, f"Not a CIDR: {value}")
    stored = AddressRange(kind, f"{value}-{value}" if kind == "RANGE" and "-" not in value else value)
    try:
        version, _, _ = stored.bounds()
    except ValueError as error:
        raise validation_failed(field, f"Not an address, CIDR or range: {value}") from error
    if version == 6 and not knobs.ipv6_zones:
        raise validation_failed(field, f"IPv6 is not enabled for this org: {value}")
    return {"type": stored.type, "value": stored.value}


def _dynamic_details(body: Mapping[str, Any]) -> dict[str, Any]:
    """Locations come back in another order than they were sent in, with the region filled in (recorded)."""
    locations = body.get("locations")
    if isinstance(locations, list):
        if not all(isinstance(place, dict) for place in locations):
            raise validation_failed("locations", "A location must have a country")
        locations = [{"country": place.get("country"), "region": place.get("region")} for place in locations]
        locations.sort(key=lambda place: (str(place["country"]), str(place["region"] or "")))
    proxy_type = _choice(body, "proxyType", PROXY_TYPES, "") if body.get("proxyType") is not None else ""
    return {"locations": locations, "proxyType": proxy_type, "asns": body.get("asns")}


def _enhanced_details(body: Mapping[str, Any]) -> dict[str, Any]:
    fields = ("locations", "ipServiceCategories", "asns")
    return {field: _include_exclude(body.get(field) or {}, field) for field in fields}


def _include_exclude(value: object, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise validation_failed(field, "The field must hold include and exclude")
    return {"include": value.get("include") or [], "exclude": value.get("exclude") or []}
