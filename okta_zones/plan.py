"""What has to be written so that a target admits, of the addresses that are ours, exactly those in use. Pure.

Ours are the entries that lie wholly within `owned-prefixes`. All others - other people's, wider than what we
own, or in a form nobody here can read - are *not ours*: kept verbatim and in place, and never counted as if
they were ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from okta_zones.addresses import AddressError, AddressSet, Entry, union
from okta_zones.errors import Refusal, RefusedError
from okta_zones.sources.report import Report
from okta_zones.target import Current, Notation


class Action(StrEnum):
    """What a plan does to its target."""

    CREATE = "create"
    UPDATE = "update"
    NONE = "none"


class Foreign(StrEnum):
    """Why an entry is not ours."""

    OUTSIDE = "outside owned-prefixes"
    REACHES_BEYOND = "reaches beyond owned-prefixes"
    UNREADABLE = "not readable as addresses"


@dataclass(frozen=True, slots=True)
class NotOurs:
    """An entry that okta-zones leaves alone."""

    entry: Entry
    why: Foreign


@dataclass(frozen=True, slots=True)
class Plan:
    """The way from what a target holds to what it should hold."""

    action: Action
    current: Current | None
    entries: tuple[Entry, ...]
    """The whole list to write: kept entries verbatim and in place, new ones in canonical form after them."""
    add: AddressSet
    remove: AddressSet
    keep: AddressSet
    not_ours: tuple[NotOurs, ...]
    notes: tuple[str, ...]
    """What a person should know although it does not stop the plan."""


def desired_addresses(reports: Sequence[Report], owned: AddressSet) -> AddressSet:
    """All reported addresses. Raises RefusedError for one that is not ours, and for an empty report."""
    if not reports:
        raise RefusedError(Refusal.SOURCE_EMPTY, "no source reported any address")
    for report in reports:
        if not report.addresses:
            message = f"{report.source} reported no address; that never empties a zone"
            raise RefusedError(Refusal.SOURCE_EMPTY, message)
        if strangers := report.addresses - owned:
            message = f"{report.source} reported {strangers}, outside owned-prefixes ({owned})"
            raise RefusedError(Refusal.ADDRESS_NOT_OWNED, message)
    return union(report.addresses for report in reports)


def make_plan(current: Current | None, desired: AddressSet, owned: AddressSet, notation: Notation, title: str) -> Plan:
    """Plan `desired` for a target that is as `current` says (None: it does not exist).

    Raises RefusedError where the target cannot hold or match the addresses.
    """
    wanted, left_out = _matchable(desired, notation)
    if not wanted:
        raise RefusedError(Refusal.NOTHING_MATCHABLE, f"{title} can match none of {desired}")
    mine, _ = _matchable(owned, notation)
    sorted_entries = [_sort(entry, mine, notation) for entry in (current.entries if current else ())]
    ours = [each for each in sorted_entries if each.why is None]
    held = union(each.addresses for each in ours)
    covered = union(each.addresses for each in ours if each.addresses <= wanted)
    new = notation.render(wanted - covered)
    staying = [each.entry for each in sorted_entries if each.why or each.addresses <= wanted]
    plan = Plan(
        action=_action(current, held, wanted),
        current=current,
        entries=(*staying, *new),
        add=wanted - held,
        remove=held - wanted,
        keep=wanted & held,
        not_ours=tuple(NotOurs(each.entry, each.why) for each in sorted_entries if each.why),
        notes=(*_notes_on_creation(current), *_notes(sorted_entries, wanted, held, mine, left_out)),
    )
    if plan.action is not Action.NONE:
        _check_limits(plan.entries, new, notation, title)
    return plan


def _action(current: Current | None, held: AddressSet, wanted: AddressSet) -> Action:
    if current is None:
        return Action.CREATE
    return Action.NONE if held == wanted else Action.UPDATE


def _matchable(addresses: AddressSet, notation: Notation) -> tuple[AddressSet, AddressSet]:
    inside = union(addresses.of_version(version) for version in notation.versions)
    return inside, addresses - inside


@dataclass(frozen=True, slots=True)
class _Sorted:
    entry: Entry
    addresses: AddressSet
    why: Foreign | None


def _sort(entry: Entry, owned: AddressSet, notation: Notation) -> _Sorted:
    try:
        addresses = notation.parse(entry)
    except AddressError:
        return _Sorted(entry, AddressSet(), Foreign.UNREADABLE)
    if addresses <= owned:
        return _Sorted(entry, addresses, None)
    return _Sorted(entry, addresses, Foreign.REACHES_BEYOND if addresses & owned else Foreign.OUTSIDE)


def _notes_on_creation(current: Current | None) -> Iterator[str]:
    if current is None:
        yield "there is none of this name: check the spelling; a new one counts only once a policy names it"


def _notes(
    entries: Sequence[_Sorted],
    wanted: AddressSet,
    held: AddressSet,
    owned: AddressSet,
    left_out: AddressSet,
) -> Iterator[str]:
    if left_out:
        yield f"left out, because it is never matched there: {left_out}"
    wide = union(each.addresses for each in entries if each.why is Foreign.REACHES_BEYOND)
    if surplus := (wide & owned) - wanted:
        yield f"entries that are not ours also admit addresses of yours that no source reports: {surplus}"
    if held - wanted:
        yield "removes addresses: nobody who still leaves from them can sign in afterwards"


def _check_limits(entries: Sequence[Entry], new: Sequence[Entry], notation: Notation, title: str) -> None:
    if len(entries) > notation.max_entries:
        message = f"{title} would hold {len(entries)} entries; at most {notation.max_entries} are allowed"
        raise RefusedError(Refusal.TOO_MANY_ENTRIES, message)
    for entry in new:
        for text, length, _ in notation.parse(entry).blocks():
            if length < notation.widest_prefix:
                message = f"{title} takes no block wider than /{notation.widest_prefix}; {text} is"
                raise RefusedError(Refusal.RANGE_TOO_WIDE, message)
