"""The zones of an org: what the API shows at once, and what sign-ins notice after the propagation delay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from lab.okta.errors import OktaError, not_found, validation_failed
from lab.okta.identifiers import new_id
from lab.okta.knobs import Knobs
from lab.okta.zone import BLOCKED_ZONE, EXEMPT_ZONE, Zone
from lab.okta.zone_body import read_zone_body

_NOTHING: Final[Mapping[str, Any]] = {"gateways": None, "proxies": None}
_ANONYMIZERS: Final[Mapping[str, Any]] = {
    "locations": {"include": [], "exclude": []},
    "ipServiceCategories": {"include": ["ALL_ANONYMIZERS"], "exclude": []},
    "asns": {"include": [], "exclude": []},
}
_SYSTEM_ZONES: Final = (
    ("LegacyIpZone", "IP", "POLICY", _NOTHING),
    (BLOCKED_ZONE, "IP", "BLOCKLIST", _NOTHING),
    ("DefaultEnhancedDynamicZone", "DYNAMIC_V2", "BLOCKLIST", _ANONYMIZERS),
    (EXEMPT_ZONE, "IP", "POLICY", _NOTHING),
)


class Zones:
    """The zones, oldest first. System zones exist from the start."""

    def __init__(self, clock: Callable[[], datetime], knobs: Knobs) -> None:
        self._clock = clock
        self._knobs = knobs
        self._stored: dict[str, Zone] = {}
        self._noticed: dict[str, Zone] = {}
        self._on_their_way: list[tuple[datetime, str, Zone | None]] = []
        for name, kind, usage, details in _SYSTEM_ZONES:
            now = clock()
            identifier = new_id("nzo")
            zone = Zone(identifier, kind, name, "ACTIVE", usage, now, now, system=True, details=details)
            self.install(replace(zone, system_name=name))

    def install(self, zone: Zone) -> None:
        """Put a zone in place that has long been there: every server knows it."""
        self._stored[zone.id] = zone
        self._noticed[zone.id] = zone

    def all(self) -> list[Zone]:
        """What the API shows."""
        return list(self._stored.values())

    def get(self, zone_id: str) -> Zone:
        """Raises OktaError (404) where there is no such zone."""
        if zone_id not in self._stored:
            raise not_found(zone_id, "NetworkZone")
        return self._stored[zone_id]

    def named(self, name: str) -> Zone:
        """The zone called `name`, for set-up and tests. Raises KeyError."""
        for zone in self._stored.values():
            if zone.name == name:
                return zone
        raise KeyError(name)

    def in_force(self) -> list[Zone]:
        """The active zones as sign-ins see them now, oldest first."""
        now = self._clock()
        due = [change for change in self._on_their_way if change[0] <= now]
        self._on_their_way = [change for change in self._on_their_way if change[0] > now]
        for _, zone_id, zone in due:
            if zone is None:
                self._noticed.pop(zone_id, None)
            else:
                self._noticed[zone_id] = zone
        return [zone for zone in self._noticed.values() if zone.status == "ACTIVE"]

    def due(self, zone_id: str) -> datetime | None:
        """When sign-ins will have noticed every change of a zone that they do not know yet; None for none."""
        now = self._clock()
        return max((at for at, changed, _ in self._on_their_way if changed == zone_id and at > now), default=None)

    def create(self, body: Mapping[str, Any]) -> Zone:
        """Raises OktaError (400) for a body that is refused."""
        wanted = read_zone_body(body, self._knobs)
        self._check_name(wanted.name, besides=None)
        if len(self._stored) >= self._knobs.most_zones:
            raise validation_failed("zones", f"The org holds at most {self._knobs.most_zones} zones")
        self._check_entries(wanted.details, besides=None)
        now = self._now()
        zone = Zone(
            new_id("nzo"),
            wanted.type,
            wanted.name,
            wanted.status,
            wanted.usage,
            now,
            now,
            system=False,
            details=wanted.details,
        )
        self._store(zone.id, zone)
        return zone

    def replace(self, zone_id: str, body: Mapping[str, Any]) -> tuple[Zone, Zone]:
        """Replace a zone by `body`, whole. Returns the zone before and after. Raises OktaError (400, 404)."""
        before = self.get(zone_id)
        _check_system_rules(before, body)
        wanted = read_zone_body(body, self._knobs, system=before.system)
        if wanted.type != before.type:
            raise validation_failed("type", "The type of a zone cannot be changed")
        self._check_name(wanted.name, besides=zone_id)
        self._check_entries(wanted.details, besides=zone_id)
        after = replace(
            before,
            name=wanted.name,
            status=before.status if before.system else wanted.status,
            usage=before.usage if before.system else wanted.usage,
            details=wanted.details,
        )
        if after != before or (self._knobs.identical_put_counts and not before.system):
            after = replace(after, last_updated=self._now())
            self._store(zone_id, after)
        return before, after

    def set_status(self, zone_id: str, status: str) -> Zone:
        """Activate or deactivate. `lastUpdated` moves even where nothing changes. Raises OktaError (404)."""
        zone = replace(self.get(zone_id), status=status, last_updated=self._now())
        self._store(zone_id, zone)
        return zone

    def delete(self, zone_id: str) -> Zone:
        """Raises OktaError: 404, or 400 for an active or a system zone."""
        zone = self.get(zone_id)
        if zone.system:
            raise validation_failed("id", f"The zone: {zone_id} is a system zone. System zones cannot be deleted.")
        if zone.status == "ACTIVE":
            reason = "is an active zone. Active zones cannot be deleted."
            summary = f"Api validation failed: The zone: {zone.name} {reason}"
            raise OktaError(400, "E0000001", summary, [f"id: The zone: {zone_id} {reason}"])
        self._store(zone_id, None)
        return zone

    def _check_name(self, name: str, besides: str | None) -> None:
        if any(zone.name == name and zone.id != besides for zone in self._stored.values()):
            raise validation_failed("name", "A zone with this name exists already")

    def _check_entries(self, details: Mapping[str, Any], besides: str | None) -> None:
        others = [zone.details for zone in self._stored.values() if zone.id != besides]
        entries = sum(len(each.get(name) or ()) for each in (*others, details) for name in ("gateways", "proxies"))
        if entries > self._knobs.most_entries_of_all_zones:
            raise validation_failed(
                "gateways", f"All zones hold at most {self._knobs.most_entries_of_all_zones} entries"
            )

    def _store(self, zone_id: str, zone: Zone | None) -> None:
        if zone is None:
            self._stored.pop(zone_id, None)
        else:
            self._stored[zone_id] = zone
        self._on_their_way.append((self._clock() + self._knobs.zone_delay, zone_id, zone))

    def _now(self) -> datetime:
        return self._clock().replace(microsecond=0)


def _check_system_rules(zone: Zone, body: Mapping[str, Any]) -> None:
    if zone.is_exempt_list and body.get("useAsExemptList") is not True:
        cause = f"The network zone does not allow usage changes for {EXEMPT_ZONE}."
        raise validation_failed("useAsExemptList", cause)
    if zone.system_name == BLOCKED_ZONE and body.get("system") is not True:
        raise validation_failed("system", "The field of a system zone must be true")
    if zone.is_exempt_list and body.get("proxies"):
        raise validation_failed("proxies", f"{EXEMPT_ZONE} has no trusted proxies")
