"""One IP zone of an Okta org, found by its name or its id (Okta API docs, "Network zones").

There is no PATCH and no ETag: a write is a PUT of the whole object, so the object is read again right before it, and
every field goes back as it came, proxies and unknown fields included. Only `created` and `lastUpdated` are left out,
as Okta's own example of a PUT leaves them out. A PUT answers with a stale `lastUpdated` (recorded traffic), so its
answer proves nothing: the zone is read back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from okta_zones.addresses import Entry, parse_gateway, render_gateways
from okta_zones.errors import Refusal, RefusedError, StrangeAnswerError
from okta_zones.exchange import Exchange
from okta_zones.okta.transport import SERVICE, list_all
from okta_zones.pinned import find_pinned
from okta_zones.target import Current, Notation

PATH: Final = "/api/v1/zones"
NOTATION: Final = Notation(
    parse=parse_gateway,
    render=render_gateways,
    parts=iter,
    versions=(4,),  # IPv6 is a beta of preview cells only
    max_entries=150,
    widest_prefix=0,
)
_TIMES: Final = frozenset({"created", "lastUpdated"})
_EXEMPT: Final = "DefaultExemptIpZone"
_CHANGES_BY_ITSELF: Final = _TIMES | {"gateways", "_links"}


class ZoneTarget:
    """The zone `name`, or the one pinned by `pinned_id`, of the org that `exchange` talks to."""

    notation = NOTATION
    confirmations = 1
    settling = "Okta's servers take about 60 seconds until the change counts on all of them"

    def __init__(
        self,
        exchange: Exchange,
        name: str | None,
        pinned_id: str | None = None,
        accepted: frozenset[Refusal] = frozenset(),
    ) -> None:
        """`accepted`: the dangers that somebody has accepted; `blocklist-usage` and `system-zone` count here."""
        self._accepted = accepted
        self._exchange = exchange
        self._name = name
        self._pinned_id = pinned_id
        self.title = f'network zone "{name or pinned_id}" at {exchange.origin}'

    def find(self) -> Current | None:
        """The zone by its pinned id, or by its exact name through all pages: the API has no filter on names."""
        if self._pinned_id is not None:
            return find_pinned(self, self._pinned_id, what="zone", name=self._name, name_field="name")
        found = [zone for zone in list_all(self._exchange, PATH) if zone.get("name") == self._name]
        if len(found) > 1:
            ids = ", ".join(str(zone.get("id")) for zone in found)
            raise RefusedError(
                Refusal.NAME_AMBIGUOUS, f"{self.title}: several zones bear this name; pin one with zone-id: {ids}"
            )
        return self._current(found[0]) if found else None

    def read(self, target_id: str) -> Current:
        return self._current(self._exchange.read(_path(target_id)).json)

    def create(self, entries: Sequence[Entry]) -> Current:
        zone = {
            "type": "IP",
            "name": self._name,
            "status": "ACTIVE",
            "usage": "POLICY",
            "gateways": list(entries),
        }
        return self._current(self._exchange.write("POST", PATH, zone).json)

    def replace(self, current: Current, entries: Sequence[Entry]) -> None:
        zone = {key: value for key, value in current.document.items() if key not in _TIMES}
        if zone.get("system") is True and zone.get("name") == _EXEMPT:
            zone["useAsExemptList"] = True  # wanted with every PUT, and no GET shows it (recorded traffic)
        self._exchange.write("PUT", _path(current.id), zone | {"gateways": list(entries)})

    def _current(self, zone: Any) -> Current:
        if not isinstance(zone, dict) or not isinstance(zone.get("id"), str):
            raise StrangeAnswerError(SERVICE, "answered with something that is not a network zone")
        self._check_suitable(zone)
        gateways = zone.get("gateways") or []  # null where the zone has none
        if not isinstance(gateways, list) or not all(isinstance(entry, dict) for entry in gateways):
            raise StrangeAnswerError(SERVICE, f"{self.title} has gateways that are not a list of entries")
        settings = {key: value for key, value in zone.items() if key not in _CHANGES_BY_ITSELF}
        return Current(zone["id"], tuple(gateways), settings, zone)

    def _check_suitable(self, zone: dict[str, Any]) -> None:
        for unsuitable, reason, why in (
            (zone.get("type") != "IP", Refusal.TARGET_UNSUITABLE, f"is of type {zone.get('type')}, not IP"),
            (zone.get("system") is True, Refusal.SYSTEM_ZONE, "is one of Okta's system zones"),
            (
                zone.get("usage") != "POLICY",
                Refusal.BLOCKLIST_USAGE,
                f"is for {zone.get('usage')}, not for POLICY: it would block its addresses",
            ),
            (
                zone.get("status") != "ACTIVE" and zone.get("system") is not True,
                Refusal.TARGET_UNSUITABLE,
                f"is {zone.get('status')}: no policy matches it; activate it first",
            ),
        ):
            if unsuitable and reason not in self._accepted:
                raise RefusedError(reason, f"{self.title} {why}{_override(reason)}")


def _override(reason: Refusal) -> str:
    return "" if reason is Refusal.TARGET_UNSUITABLE else f" (if that is meant: --accept {reason})"


def _path(zone_id: str) -> str:
    return f"{PATH}/{quote(zone_id, safe='')}"
