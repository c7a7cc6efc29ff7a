"""One IP named location of an Entra tenant (Graph v1.0, ipNamedLocation), by its display name or its id.

Display names are not unique, so an ambiguous one is refused. A PATCH keeps what it does not name but replaces
the whole `ipRanges`, needs `@odata.type`, and answers 204 without a body. Graph is eventually consistent: for
some seconds after a write, reads show the old and the new version by turns, so several equal reads in a row
are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from okta_zones.addresses import AddressSet, Entry, parse_ip_range, render_ip_ranges
from okta_zones.errors import Refusal, RefusedError, StrangeAnswerError
from okta_zones.exchange import Exchange
from okta_zones.graph.transport import SERVICE, list_all
from okta_zones.pinned import find_pinned
from okta_zones.target import Current, Notation

PATH: Final = "/v1.0/identity/conditionalAccess/namedLocations"
TYPE: Final = "#microsoft.graph.ipNamedLocation"
NOTATION: Final = Notation(
    parse=parse_ip_range,
    render=render_ip_ranges,
    parts=AddressSet.cidr_parts,
    versions=(4, 6),
    max_entries=2000,
    widest_prefix=9,  # "CIDR masks greater than /8"
)
_CHANGES_BY_ITSELF: Final = frozenset(
    {"@odata.context", "@odata.etag", "createdDateTime", "modifiedDateTime", "ipRanges"}
)


class LocationTarget:
    """The named location `name`, or the one pinned by `pinned_id`, of the tenant that `exchange` talks to."""

    notation = NOTATION
    confirmations = 3
    settling = (
        "sign-ins may meet the old addresses for some seconds yet; "
        "open sessions with continuous access evaluation, for up to a day"
    )

    def __init__(self, exchange: Exchange, name: str | None, pinned_id: str | None = None) -> None:
        self._exchange = exchange
        self._name = name
        self._pinned_id = pinned_id
        self.title = f'named location "{name or pinned_id}" at {exchange.origin}'

    def find(self) -> Current | None:
        """The location by its pinned id, or by its exact display name through all pages."""
        if self._pinned_id is not None:
            return find_pinned(self, self._pinned_id, what="location", name=self._name, name_field="displayName")
        found = [each for each in list_all(self._exchange, PATH) if each.get("displayName") == self._name]
        if len(found) > 1:
            ids = ", ".join(str(location.get("id")) for location in found)
            message = f"{self.title}: {len(found)} locations bear this name; pin one with location-id: {ids}"
            raise RefusedError(Refusal.NAME_AMBIGUOUS, message)
        return self._current(found[0]) if found else None

    def read(self, target_id: str) -> Current:
        return self._current(self._exchange.read(_path(target_id)).json)

    def create(self, entries: Sequence[Entry]) -> Current:
        # Not trusted: a policy can exclude it by id all the same, and trust would open every exemption for
        # AllTrusted.
        location = {
            "@odata.type": TYPE,
            "displayName": self._name,
            "isTrusted": False,
            "ipRanges": list(entries),
        }
        return self._current(self._exchange.write("POST", PATH, location).json)

    def replace(self, current: Current, entries: Sequence[Entry]) -> None:
        self._exchange.write("PATCH", _path(current.id), {"@odata.type": TYPE, "ipRanges": list(entries)})

    def _current(self, location: Any) -> Current:
        if not isinstance(location, dict) or not isinstance(location.get("id"), str):
            raise StrangeAnswerError(SERVICE, "answered with something that is not a named location")
        if location.get("@odata.type") != TYPE:
            kind = str(location.get("@odata.type", "of no type")).removeprefix("#microsoft.graph.")
            raise RefusedError(Refusal.TARGET_UNSUITABLE, f"{self.title} is {kind}, not ipNamedLocation")
        ranges = location.get("ipRanges")
        if not isinstance(ranges, list) or not all(isinstance(entry, dict) for entry in ranges):
            raise StrangeAnswerError(SERVICE, f"{self.title} has ipRanges that are not a list of entries")
        settings = {key: value for key, value in location.items() if key not in _CHANGES_BY_ITSELF}
        return Current(location["id"], tuple(ranges), settings, location)


def _path(location_id: str) -> str:
    return f"{PATH}/{quote(location_id, safe='')}"
