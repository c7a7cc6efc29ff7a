"""What Okta's zones and Graph's named locations have in common: a named list of addresses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from okta_zones.addresses import AddressError, AddressSet, Entry, union


@dataclass(frozen=True, slots=True)
class Notation:
    """How one side writes addresses, and what it allows."""

    parse: Callable[[Entry], AddressSet]
    render: Callable[[AddressSet], list[Entry]]
    """The smallest exact list of entries."""
    parts: Callable[[AddressSet], Iterator[AddressSet]]
    """What each entry of that list means, in the same order."""
    versions: tuple[int, ...]
    """The IP versions that the side can match."""
    max_entries: int
    widest_prefix: int
    """The shortest prefix length that an entry may have; 0 where none is documented."""


@dataclass(frozen=True, slots=True)
class Current:
    """A zone or a named location as it was read."""

    id: str
    entries: tuple[Entry, ...]
    """The list of addresses, verbatim and in order."""
    settings: Mapping[str, object]
    """Everything else that a write must leave as it is."""
    document: Mapping[str, Any] = field(repr=False)
    """The whole object, verbatim."""

    @property
    def name(self) -> str:
        """What people call it at the far end."""
        return str(self.settings.get("name") or self.settings.get("displayName") or self.id)


def same_entries(one: Sequence[Entry], other: Sequence[Entry]) -> bool:
    """Whether both hold the same entries verbatim. Their order says nothing: Graph does not promise to keep it."""
    first, second = (sorted(json.dumps(entry, sort_keys=True) for entry in each) for each in (one, other))
    return first == second


def unchanged(one: Current, other: Current) -> bool:
    """Whether nobody changed anything between two reads: neither an entry nor a setting."""
    return one.settings == other.settings and same_entries(one.entries, other.entries)


class Target(Protocol):
    """A zone or a named location of one tenant, found by its name or id.

    Every method raises FarEndError, and RefusedError where what is found must not be written.
    """

    @property
    def title(self) -> str:
        """For people: what it is, its name, and where."""

    @property
    def notation(self) -> Notation: ...

    @property
    def confirmations(self) -> int:
        """How many equal reads in a row prove a write."""

    @property
    def settling(self) -> str:
        """For people: how long a proved write takes until it counts everywhere."""

    def find(self) -> Current | None:
        """The target as it stands; None when it has to be created."""

    def read(self, target_id: str) -> Current: ...

    def create(self, entries: Sequence[Entry]) -> Current:
        """Create it with these entries. Raises LostAnswerError when it may or may not exist now."""

    def replace(self, current: Current, entries: Sequence[Entry]) -> None:
        """Write these entries in place of those of `current`, everything else unchanged.

        Raises LostAnswerError when it may or may not have been done.
        """


@dataclass(frozen=True, slots=True)
class Content:
    """What a list of entries means: the addresses of each, in order, and the entries that no set can stand for.

    Two lists with equal contents hold the same entries, however they are written. The addresses alone would not do: an
    entry of ours within a wider one of others adds none.
    """

    spans: tuple[str, ...]
    unreadable: tuple[str, ...]
    addresses: AddressSet


def content(entries: Sequence[Entry], notation: Notation) -> Content:
    """The meaning of a list."""
    sets: list[AddressSet] = []
    unreadable: list[str] = []
    for entry in entries:
        try:
            sets.append(notation.parse(entry))
        except AddressError:
            unreadable.append(repr(sorted(entry.items())))
    return Content(tuple(sorted(map(str, sets))), tuple(sorted(unreadable)), union(sets))
