"""Take over entries that others wrote: on the first run at a zone that exists, or after the journal was lost.

Adopting writes nothing to the far end. From then on the entry is ours: okta-zones may rewrite and remove it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from okta_zones.addresses import AddressSet
from okta_zones.controller import find
from okta_zones.errors import Refusal, RefusedError
from okta_zones.journal import Journal, Place
from okta_zones.opening import Opened
from okta_zones.ownership import Ownership, Standing, standings


@dataclass(frozen=True, slots=True)
class Adoption:
    """What was named, as it stands at one target. An entry that does not stand there is in neither list."""

    name: str
    title: str
    place: Place
    adopt: tuple[AddressSet, ...]
    already_ours: tuple[AddressSet, ...]


def check_owned(named: AddressSet, owned_prefixes: AddressSet) -> None:
    """Raises RefusedError for what lies outside `owned_prefixes`: it must never become ours."""
    if strangers := named - owned_prefixes:
        message = f"{strangers} is outside owned-prefixes ({owned_prefixes})"
        raise RefusedError(Refusal.ADDRESS_NOT_OWNED, message)


def look(named: Sequence[AddressSet], targets: Sequence[Opened], journal: Journal) -> tuple[Adoption, ...]:
    """Where the named entries stand. Raises FarEndError, and RefusedError when one stands nowhere as an entry."""
    found = [(opened, *_standing(opened, journal)) for opened in targets]
    for entry in named:
        if not any(entry == each.addresses for _, _, standing in found for each in standing):
            raise RefusedError(Refusal.NO_SUCH_ENTRY, _nowhere(entry, found))
    return tuple(_adoption(named, opened, place, standing) for opened, place, standing in found)


def adopt(adoptions: Sequence[Adoption], journal: Journal) -> None:
    """Write it into the journal."""
    for each in adoptions:
        if each.adopt:
            journal.adopt(each.place, each.adopt)


def _standing(opened: Opened, journal: Journal) -> tuple[Place, tuple[Standing, ...]]:
    title = opened.target.title
    if opened.ownership is Ownership.EXTERNAL:
        message = f"{title} is external by the file: nothing there is ever ours (--target NAME leaves it out)"
        raise RefusedError(Refusal.TARGET_UNSUITABLE, message)
    current = find(opened, journal)
    if current is None:
        raise RefusedError(Refusal.TARGET_MISSING, f"{title} does not exist; there is nothing to adopt")
    place = Place(opened.scope, opened.lookup, current.id)
    owned = [each.addresses for each in journal.owned(place)]
    return place, standings(current.entries, owned, opened.target.notation, Ownership.ENTRIES)


def _adoption(named: Sequence[AddressSet], opened: Opened, place: Place, standing: Sequence[Standing]) -> Adoption:
    ours = {each.addresses for each in standing if each.ours}
    there = {each.addresses for each in standing} & set(named)
    return Adoption(
        name=opened.name,
        title=opened.target.title,
        place=place,
        adopt=tuple(entry for entry in named if entry in there - ours),
        already_ours=tuple(entry for entry in named if entry in ours),
    )


def _nowhere(entry: AddressSet, found: Sequence[tuple[Opened, Place, tuple[Standing, ...]]]) -> str:
    near = sorted({str(each.addresses) for _, _, standing in found for each in standing if each.addresses & entry})
    hint = f"; these overlap with it, name one as it stands: {'; '.join(near)}" if near else ""
    return f"no target holds an entry of exactly {entry}{hint}"
