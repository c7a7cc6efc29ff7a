"""What others changed at a target since it was last seen."""

from __future__ import annotations

import json
from collections.abc import Iterator

from okta_zones.addresses import AddressSet, Entry, union
from okta_zones.journal import Journal, Step
from okta_zones.journal.sightings import Sighting
from okta_zones.opening import Opened
from okta_zones.ownership import Ownership, standings
from okta_zones.plan import Plan
from okta_zones.target import Current
from okta_zones.watching.event import Event, Kind


def changes(opened: Opened, plan: Plan, journal: Journal) -> tuple[Event, ...]:
    """What is different now from the last look; the first look says nothing."""
    if plan.current is None:
        return ()
    before = journal.sightings.last(plan.place.key)
    others = list(_others(opened, plan, plan.current, journal))
    now = journal.sightings.note(plan.place.key, others, plan.current.settings)
    if before is None:
        return ()
    standing = {_text(entry) for entry in plan.current.entries}
    return tuple(Event(Kind.DRIFT, words, opened.name) for words in _words(before, now, standing))


def lost(plan: Plan, journal: Journal) -> tuple[AddressSet, ...]:
    """Entries of ours that were read back once and stand there no longer: somebody else removed them.

    While it is not known how a write ended, nobody is to blame.
    """
    if plan.current is None or journal.intent(plan.place) is not None:
        return ()
    left = union(plan.ours_now)
    proved = (each.addresses for each in journal.owned(plan.place) if each.how is not Step.INTENDED)
    return tuple(run for each in proved for run in each - left)


def _others(opened: Opened, plan: Plan, current: Current, journal: Journal) -> Iterator[Entry]:
    """The entries that others wrote: in a list that is all ours, those that the journal does not know."""
    if opened.ownership is not Ownership.EXCLUSIVE:
        yield from (each.entry for each in plan.not_ours)
        return
    known = [each.addresses for each in journal.owned(plan.place)]
    judged = standings(current.entries, known, opened.target.notation, Ownership.ENTRIES)
    yield from (each.entry for each in judged if not each.ours)


def _words(before: Sighting, now: Sighting, standing: set[str]) -> Iterator[str]:
    old = {_text(entry) for entry in before.others}
    for text in sorted({_text(entry) for entry in now.others} - old):
        yield f"somebody else added {text}"
    for text in sorted(old - standing):
        yield f"somebody else removed {text}"
    for key in sorted({*before.settings, *now.settings}):
        if before.settings.get(key) != now.settings.get(key):
            yield f"somebody else changed {key} from {before.settings.get(key)!r} to {now.settings.get(key)!r}"


def _text(entry: Entry) -> str:
    return json.dumps(dict(entry), sort_keys=True)
