"""From where an API token or an OAuth client may be used: `network` in Okta's ApiToken and OpenID Connect apps."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lab.okta.errors import validation_failed

EVERY_ZONE: Final = frozenset({"ALL_ZONES", "ALL_IP_ZONES"})
CONNECTIONS: Final = ("ANYWHERE", "ZONE", "DISABLED")  # the last one in recordings only: as ANYWHERE


@dataclass(frozen=True, slots=True)
class NetworkRestriction:
    """`include` and `exclude` hold ids of zones, or one of `EVERY_ZONE`; they count with the connection ZONE only."""

    connection: str = "ANYWHERE"
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @property
    def zone_ids(self) -> frozenset[str]:
        """The zones that are named here."""
        return frozenset((*self.include, *self.exclude)) - EVERY_ZONE

    def admits(self, zone_ids: Collection[str]) -> bool:
        """Whether a request from inside `zone_ids` may pass."""
        if self.connection != "ZONE":
            return True
        if self.include:
            return _named(self.include, zone_ids)
        return not _named(self.exclude, zone_ids)

    def to_json(self) -> dict[str, Any]:
        lists = {"include": self.include, "exclude": self.exclude}
        return {"connection": self.connection} | {name: list(zones) for name, zones in lists.items() if zones}


def read_network(body: object, zone_ids: Collection[str]) -> NetworkRestriction:
    """The restriction in a request body; `zone_ids` are the zones that exist. Raises OktaError (400)."""
    if not isinstance(body, Mapping) or body.get("connection") not in CONNECTIONS:
        raise validation_failed("network.connection", f"The field must be one of {', '.join(CONNECTIONS)}")
    include, exclude = _ids(body, "include", zone_ids), _ids(body, "exclude", zone_ids)
    if body["connection"] == "ZONE" and bool(include) == bool(exclude):
        raise validation_failed("network", "Either include or exclude network zones")
    return NetworkRestriction(body["connection"], include, exclude)


def _named(entries: Collection[str], zone_ids: Collection[str]) -> bool:
    if not EVERY_ZONE.isdisjoint(entries):
        return bool(zone_ids)
    return not set(entries).isdisjoint(zone_ids)


def _ids(body: Mapping[str, Any], name: str, zone_ids: Collection[str]) -> tuple[str, ...]:
    entries = body.get(name) or []
    if not isinstance(entries, list):
        raise validation_failed(f"network.{name}", "The field must be a list")
    for entry in entries:
        if entry not in EVERY_ZONE and entry not in zone_ids:
            raise validation_failed(f"network.{name}", f"There is no zone {entry}")
    return tuple(entries)
