"""A list that admits addresses, as its API shows it and as sign-ins see it now."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lab.entra.named_location import NamedLocation
from lab.okta.membership import contains
from lab.okta.zone import Zone


@dataclass(frozen=True, slots=True)
class AdmittedList:
    """Entries as the service writes them: `A-B` and CIDR blocks. `admits` judges an address by what is in force.

    `due` is when everything that stands there will be in force, None where it is; `written_by` who the service's log
    says changed it last, empty where it says nothing.
    """

    name: str
    entries: tuple[str, ...]
    in_force: tuple[str, ...]
    admits: Callable[[str], bool]
    due: datetime | None = None
    written_by: str = ""


def of_zone(zone: Zone, noticed: Iterable[Zone], *, due: datetime | None = None, written_by: str = "") -> AdmittedList:
    """An IP zone; `noticed` are the zones in force."""
    seen = next((each for each in noticed if each.id == zone.id), None)

    def admits(address: str) -> bool:
        return seen is not None and contains(seen.gateways, ipaddress.ip_address(address))

    return AdmittedList(zone.name, _gateways(zone), _gateways(seen), admits, due, written_by)


def of_location(
    location: NamedLocation, noticed: Mapping[str, NamedLocation], *, due: datetime | None = None
) -> AdmittedList:
    """A named location of IP ranges; `noticed` are the locations in force, by id."""
    seen = noticed.get(location.id)

    def admits(address: str) -> bool:
        return seen is not None and seen.contains(address)

    in_force = _ranges(seen.details if seen else {})
    return AdmittedList(location.display_name, _ranges(location.details), in_force, admits, due)


def _gateways(zone: Zone | None) -> tuple[str, ...]:
    return tuple(entry.value for entry in zone.gateways) if zone is not None else ()


def _ranges(details: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(entry["cidrAddress"]) for entry in details.get("ipRanges") or ())
