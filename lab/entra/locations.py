"""The named locations of a tenant: what reads show, and what sign-ins notice after the delay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from lab.entra.errors import bad_request, new_guid, not_found
from lab.entra.knobs import Knobs
from lab.entra.named_location import NamedLocation, changed_location, new_location

MOST_LOCATIONS: Final = 195


class Locations:
    """The locations, oldest first."""

    def __init__(self, clock: Callable[[], datetime], knobs: Knobs) -> None:
        self._clock = clock
        self._knobs = knobs
        self._stored: dict[str, NamedLocation] = {}
        self._noticed: dict[str, NamedLocation] = {}
        self._on_their_way: list[tuple[datetime, str, NamedLocation | None]] = []
        self._replaced: dict[str, tuple[datetime, NamedLocation]] = {}
        self._turn = False

    def install(self, location: NamedLocation) -> None:
        """Put a location in place that has long been there."""
        self._stored[location.id] = location
        self._noticed[location.id] = location

    def stored(self) -> list[NamedLocation]:
        """The locations as they were written, for set-up and judgement of writes."""
        return list(self._stored.values())

    def read_all(self) -> list[NamedLocation]:
        """The locations as one read shows them: within the lag of a write, old and new by turns."""
        late = self._late()
        return list(({**self._stored, **late} if self._old_turn() else self._stored).values())

    def read(self, location_id: str) -> NamedLocation:
        """One location, with the same lag. Raises GraphError (404)."""
        late = self._late()
        if location_id in late and self._old_turn():
            return late[location_id]
        if location_id not in self._stored:
            raise not_found(location_id)
        return self._stored[location_id]

    def in_force(self) -> dict[str, NamedLocation]:
        """The locations as sign-ins see them now, by id."""
        now = self._clock()
        due = [change for change in self._on_their_way if change[0] <= now]
        self._on_their_way = [change for change in self._on_their_way if change[0] > now]
        for _, location_id, location in due:
            if location is None:
                self._noticed.pop(location_id, None)
            else:
                self._noticed[location_id] = location
        return dict(self._noticed)

    def due(self, location_id: str) -> datetime | None:
        """When sign-ins will have noticed every change of a location that they do not know yet; None for none."""
        now = self._clock()
        return max((at for at, changed, _ in self._on_their_way if changed == location_id and at > now), default=None)

    def create(self, body: Mapping[str, Any]) -> NamedLocation:
        """Raises GraphError (400)."""
        if len(self._stored) >= MOST_LOCATIONS:
            raise bad_request(f"A tenant has at most {MOST_LOCATIONS} named locations.")
        location = new_location(new_guid(), body, self._clock())
        self._store(location.id, location)
        return location

    def change(self, location_id: str, body: Mapping[str, Any]) -> NamedLocation:
        """Raises GraphError (400, 404)."""
        before = self._get(location_id)
        after = changed_location(before, body, self._clock())
        self._store(location_id, after)
        return after

    def delete(self, location_id: str) -> None:
        """Raises GraphError: 404, or 400 for a trusted location."""
        if self._get(location_id).trusted:
            raise bad_request("A trusted named location cannot be deleted; mark it as not trusted first.")
        self._store(location_id, None)

    def _get(self, location_id: str) -> NamedLocation:
        if location_id not in self._stored:
            raise not_found(location_id)
        return self._stored[location_id]

    def _store(self, location_id: str, location: NamedLocation | None) -> None:
        now = self._clock()
        before = self._stored.pop(location_id, None) if location is None else self._stored.get(location_id)
        if before is not None:
            self._replaced[location_id] = (now + self._knobs.read_lag, before)
        if location is not None:
            self._stored[location_id] = location
        self._on_their_way.append((now + self._knobs.location_delay, location_id, location))

    def _late(self) -> dict[str, NamedLocation]:
        now = self._clock()
        return {location_id: old for location_id, (until, old) in self._replaced.items() if now < until}

    def _old_turn(self) -> bool:
        self._turn = not self._turn
        return self._turn
