"""Which entries of a target are ours: those that the journal says we wrote or adopted, and no others.

Entries compare by what they mean: `1.2.3.4`, `1.2.3.4-1.2.3.4` and `1.2.3.4/32` are one. Where two entries mean the
same and one of them is ours, the second is somebody else's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from okta_zones.addresses import NOTHING, AddressError, AddressSet, Entry
from okta_zones.target import Notation


class Ownership(StrEnum):
    """How a target is shared with others; a key of the configuration."""

    ENTRIES = "entries"
    """Ours are the entries that we wrote or adopted."""
    EXCLUSIVE = "exclusive"
    """The whole list is ours, whoever wrote it. Must be asked for."""
    EXTERNAL = "external"
    """Another tool owns the target: it is compared, never written."""


class Foreign(StrEnum):
    """Why an entry is not ours."""

    OTHERS = "not written by okta-zones"
    SECOND = "a second entry like ours"
    UNREADABLE = "not readable as addresses"


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry as it stands at the target, what it means, and why it is not ours (None: it is)."""

    entry: Entry
    addresses: AddressSet
    why: Foreign | None

    @property
    def ours(self) -> bool:
        return self.why is None


def standings(
    entries: Sequence[Entry], owned: Collection[AddressSet], notation: Notation, ownership: Ownership
) -> tuple[Standing, ...]:
    """Every entry in its place, judged. `owned` are the entries of the journal."""
    read = [_read(entry, notation) for entry in entries]
    if ownership is not Ownership.ENTRIES:
        return tuple(Standing(entry, addresses or NOTHING, _unless(addresses)) for entry, addresses in read)
    ours = set(_claimed(read, owned, notation))
    return tuple(
        Standing(entry, addresses or NOTHING, None if place in ours else _why_not(addresses, owned))
        for place, (entry, addresses) in enumerate(read)
    )


_Read = tuple[Entry, AddressSet | None]


def _read(entry: Entry, notation: Notation) -> _Read:
    try:
        return entry, notation.parse(entry)
    except AddressError:
        return entry, None


def _unless(addresses: AddressSet | None) -> Foreign | None:
    return Foreign.UNREADABLE if addresses is None else None


def _why_not(addresses: AddressSet | None, owned: Collection[AddressSet]) -> Foreign:
    if addresses is None:
        return Foreign.UNREADABLE
    return Foreign.SECOND if addresses in owned else Foreign.OTHERS


def _claimed(read: Sequence[_Read], owned: Collection[AddressSet], notation: Notation) -> Iterator[int]:
    """Where our entries stand: of several that mean the same, the last one in the form that we write."""
    places: dict[AddressSet, list[int]] = {addresses: [] for addresses in owned}
    for place, (_, addresses) in enumerate(read):
        if addresses in places:
            places[addresses].append(place)
    for addresses, found in places.items():
        canonical = notation.render(addresses)
        yield from ([place for place in found if [read[place][0]] == canonical] or found)[-1:]
