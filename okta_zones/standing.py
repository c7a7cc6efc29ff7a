"""What stands at each target now: which entries are ours, since when, and which of ours are missing. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from okta_zones.addresses import AddressSet
from okta_zones.affected import Reach, reach_of
from okta_zones.controller import Failure, Tell, find
from okta_zones.errors import FarEndError, RefusedError
from okta_zones.journal import Journal, Owned, Place
from okta_zones.journal.journal import Intent
from okta_zones.opening import Opened
from okta_zones.ownership import Standing, standings
from okta_zones.target import Current


@dataclass(frozen=True, slots=True)
class TargetStanding:
    """A target as it stands. `current` is None where there is none, or where `failure` says why it is not known."""

    name: str
    kind: str
    title: str
    place: Place | None
    current: Current | None
    entries: tuple[Standing, ...]
    owned: tuple[Owned, ...]
    missing: tuple[AddressSet, ...]
    """Entries of ours that somebody else took away."""
    intent: Intent | None
    """A write of ours whose end nobody has seen."""
    reach: Reach | None
    failure: Failure | None

    def since(self, addresses: AddressSet) -> tuple[datetime, str] | None:
        """Since when an entry is ours, and how it came to be."""
        return next(((each.since, each.how.value) for each in self.owned if each.addresses == addresses), None)


def look(targets: Sequence[Opened], journal: Journal, tell: Tell) -> tuple[TargetStanding, ...]:
    """Every target as it stands."""
    return tuple(_look(opened, journal, tell) for opened in targets)


def _look(opened: Opened, journal: Journal, tell: Tell) -> TargetStanding:
    target = opened.target
    tell(f"reading {target.title}")
    try:
        current = find(opened, journal)
    except (RefusedError, FarEndError) as failure:
        return TargetStanding(opened.name, opened.kind, target.title, None, None, (), (), (), None, None, failure)
    place = Place(opened.scope, opened.lookup, current.id if current else None)
    owned = journal.owned(place)
    ours = [each.addresses for each in owned]
    entries = standings(current.entries if current else (), ours, target.notation, opened.ownership)
    there = {each.addresses for each in entries if each.ours}
    return TargetStanding(
        name=opened.name,
        kind=opened.kind,
        title=target.title,
        place=place,
        current=current,
        entries=entries,
        owned=owned,
        missing=tuple(each for each in ours if each not in there),
        intent=journal.intent(place),
        reach=reach_of(opened, current) if current else None,
        failure=None,
    )
