"""The network zone and the named location, as okta-zones.yaml names them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dtr_rules import source
from okta_zones.config.file import File as ZonesFile


@dataclass(frozen=True, slots=True)
class ZoneSettings:
    """The network zone: by its name, by its id, or both."""

    name: str | None
    id: str | None

    @property
    def label(self) -> str:
        """How the console shows it, as far as that is known."""
        return self.name or f"the zone with the id {self.id}"


@dataclass(frozen=True, slots=True)
class LocationSettings:
    """The named location of an Entra tenant: by its name, by its id, or both."""

    tenant: str
    name: str | None
    id: str | None

    @property
    def label(self) -> str:
        """How the admin center shows it, as far as that is known."""
        return self.name or f"the location with the id {self.id}"


def read_zones(path: Path) -> ZonesFile:
    """okta-zones.yaml as it stands, without its secrets. Raises UnusableFileError."""
    return source.read(path, ZonesFile).content


def zone_of(zones: ZonesFile, org_url: str) -> ZoneSettings | None:
    """The first zone that is kept in the org at `org_url`."""
    for target in zones.targets:
        if target.kind == "okta" and target.org_url == org_url:
            return ZoneSettings(target.zone, target.zone_id)
    return None


def location_of(zones: ZonesFile) -> LocationSettings | None:
    """The first named location that is kept, if any is."""
    for target in zones.targets:
        if target.kind == "entra":
            return LocationSettings(target.tenant or "", target.location, target.location_id)
    return None
