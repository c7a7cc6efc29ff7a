"""What has to be written so that a target admits what is asked for. Pure.

Absence is never removal: an address of ours that no source reports stays, and is only pointed out. What goes is what
somebody named. Entries that are not ours are kept verbatim and in place, and never counted as if they were ours: an
address that another's entry covers is still written as our own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from okta_zones.addresses import NOTHING, AddressSet, Entry, union
from okta_zones.errors import Refusal, RefusedError
from okta_zones.journal import Place
from okta_zones.ownership import Foreign, Ownership, Standing, standings
from okta_zones.safety import Draft, Finding, OwnAddress, Verdict, judge
from okta_zones.target import Current, Notation


class Action(StrEnum):
    """What a plan does to its target."""

    CREATE = "create"
    UPDATE = "update"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of every target."""

    add: AddressSet
    """The addresses in use: they are to be admitted."""
    remove: AddressSet = NOTHING
    """The addresses that somebody named to be removed, as far as they are ours."""
    frozen: tuple[str, ...] = ()
    """Why nothing may be removed this time, a sentence each: a source that failed, or that reports less."""
    owned_prefixes: AddressSet = NOTHING
    """Where addresses of ours can be: for advice alone."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for one target: the far end's ways, how it is shared, which dangers somebody has accepted."""

    notation: Notation
    ownership: Ownership = Ownership.ENTRIES
    accepted: frozenset[Refusal] = frozenset()


@dataclass(frozen=True, slots=True)
class NotOurs:
    """An entry that okta-zones leaves alone."""

    entry: Entry
    addresses: AddressSet
    why: Foreign


@dataclass(frozen=True, slots=True)
class Plan:
    """The way from what a target holds to what it should hold."""

    place: Place
    action: Action
    current: Current | None
    entries: tuple[Entry, ...]
    """The whole list to write: kept entries verbatim and in place, new ones in canonical form after them."""
    ours: tuple[AddressSet, ...]
    """The entries of that list that are ours."""
    ours_now: tuple[AddressSet, ...]
    """The entries that are ours as it stands."""
    add: AddressSet
    remove: AddressSet
    keep: AddressSet
    unreported: AddressSet
    """The part of `keep` that no source reports."""
    not_ours: tuple[NotOurs, ...]
    verdicts: tuple[Verdict, ...]
    notes: tuple[str, ...]
    """What a person should know although it does not stop the plan."""

    @property
    def refusal(self) -> RefusedError | None:
        """The first danger that nobody has accepted, and how to accept it; None where the plan can be carried out."""
        if self.action is Action.NONE:
            return None
        for verdict in self.verdicts:
            if verdict.finding is Finding.REFUSED:
                return RefusedError(verdict.danger, f"{verdict.words} (if that is meant: --accept {verdict.danger})")
        return None


def make_plan(
    place: Place,
    current: Current | None,
    owned: Collection[AddressSet],
    order: Order,
    rules: Rules,
    *,
    title: str,
    own: OwnAddress | None = None,
) -> Plan:
    """Plan `order` for a target that is as `current` says (None: it does not exist). `owned` are the journal's entries.

    A plan with a danger that nobody has accepted is still a plan; its `refusal` says so.
    """
    notation = rules.notation
    standing = standings(current.entries if current else (), owned, notation, rules.ownership)
    held = union(each.addresses for each in standing if each.ours)
    asked, unmatchable = _matchable(order.add, rules)
    removed = NOTHING if order.frozen else (held & order.remove) - asked
    kept = held - removed
    wanted, added = kept | asked, asked - held
    action = _action(current, added | removed)
    entries, ours, new = _listed(standing, wanted, notation, rewrite=action is not Action.NONE)
    draft = Draft(title, held, wanted, added, removed, entries, new, unmatchable, own)
    return Plan(
        place=place,
        action=action,
        current=current,
        entries=entries,
        ours=ours,
        ours_now=tuple(each.addresses for each in standing if each.ours),
        add=added,
        remove=removed,
        keep=kept,
        unreported=kept - asked,
        not_ours=tuple(NotOurs(each.entry, each.addresses, each.why) for each in standing if each.why),
        verdicts=judge(draft, notation, rules.accepted),
        notes=tuple(_notes(current, standing, wanted, held & order.remove, order)),
    )


def _action(current: Current | None, changed: AddressSet) -> Action:
    if current is None:
        return Action.CREATE
    return Action.UPDATE if changed else Action.NONE


def _matchable(addresses: AddressSet, rules: Rules) -> tuple[AddressSet, AddressSet]:
    """What the target gets of `addresses`, and the part that it never matches."""
    versions = rules.notation.versions
    inside = addresses if {4, 6} <= {*versions} else union(addresses.of_version(version) for version in versions)
    unmatchable = addresses - inside
    return (addresses if Refusal.IPV6_AT_OKTA in rules.accepted else inside), unmatchable


def _listed(
    standing: Sequence[Standing], wanted: AddressSet, notation: Notation, *, rewrite: bool
) -> tuple[tuple[Entry, ...], tuple[AddressSet, ...], tuple[AddressSet, ...]]:
    """The list to write, what our entries in it mean, and the new ones: the smallest exact list for what is ours."""
    if not rewrite:  # right as it stands, in whatever form: a write would only raise an alert
        return tuple(each.entry for each in standing), tuple(each.addresses for each in standing if each.ours), ()
    rendered = dict(zip(notation.parts(wanted), notation.render(wanted), strict=True))
    left = dict(rendered)
    staying = [each.entry for each in standing if not each.ours or left.pop(each.addresses, None) is not None]
    return (*staying, *left.values()), tuple(rendered), tuple(left)


def _notes(
    current: Current | None, standing: Sequence[Standing], wanted: AddressSet, named: AddressSet, order: Order
) -> Iterator[str]:
    if current is None:
        yield "there is none of this name: check the spelling; a new one counts only once a policy names it"
    for why in order.frozen if named else ():
        yield f"removes nothing: {why}"
    if named and not order.frozen:
        yield "removes addresses: nobody who still leaves from them can sign in afterwards"
    if gone := order.remove - named - union(each.addresses for each in standing):
        yield f"{gone} is to be removed and is not there"
    foreign = [each.addresses for each in standing if each.why is Foreign.OTHERS]
    if left := union(each for each in foreign if each <= order.owned_prefixes):
        yield f"{left} lies within owned-prefixes and is not ours, so that it stays; 'adopt' would take it over"
    if twice := union(each for each in foreign if not each <= order.owned_prefixes) & wanted:
        yield f"{twice} stands there in an entry that is not ours, too"
