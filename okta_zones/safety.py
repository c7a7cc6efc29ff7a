"""What a plan must not do unless somebody has accepted that danger by its name. Pure.

Every check gives a verdict, also the one that passes, so that a plan shows what was looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from okta_zones.addresses import AddressSet, Entry
from okta_zones.errors import Refusal
from okta_zones.special_addresses import special_parts
from okta_zones.target import Notation, content

MOST_ENTRIES: Final = 150
"""What an Okta zone holds, and as much as a person can look over."""
WIDEST: Final = {4: 20, 6: 48}
"""The shortest prefix length of an entry: an egress pool is not wider."""
_BITS: Final = {4: 32, 6: 128}

ACCEPTABLE: Final = frozenset(
    {
        Refusal.EMPTY_RESULT,
        Refusal.HALF_REMOVED,
        Refusal.NOT_PUBLIC,
        Refusal.RANGE_TOO_WIDE,
        Refusal.TOO_MANY_ENTRIES,
        Refusal.IPV6_AT_OKTA,
        Refusal.IPV6_LEFT_OUT,
        Refusal.OWN_ADDRESS_OUT,
        Refusal.SYSTEM_ZONE,
        Refusal.BLOCKLIST_USAGE,
    }
)
"""The dangers that can be accepted."""


class Finding(StrEnum):
    """What a check came to."""

    PASSED = "passed"
    REFUSED = "refused"
    ACCEPTED = "accepted"
    """It would be refused, and somebody has accepted the danger."""
    NOT_CHECKED = "not-checked"
    """What the check needs to know cannot be read."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check: the danger that it is about, what it came to, and why in words (empty where it passed)."""

    danger: Refusal
    finding: Finding
    words: str = ""


@dataclass(frozen=True, slots=True)
class OwnAddress:
    """Whether the credential is bound to the very target that it writes, and from where the far end sees it come.

    `bound` None: that could not be read, and `why` says why; `address` None: the file does not say.
    """

    bound: bool | None
    address: AddressSet | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan before it is judged."""

    title: str
    held: AddressSet
    """Our addresses as they stand."""
    wanted: AddressSet
    """Our addresses as they would be."""
    added: AddressSet
    removed: AddressSet
    entries: Sequence[Entry]
    """The whole list, others' entries among it."""
    new: Sequence[AddressSet]
    """What the entries of it mean that are new."""
    unmatchable: AddressSet
    """Addresses that are asked for and that the target never matches."""
    own: OwnAddress | None = None


def judge(draft: Draft, notation: Notation, accepted: frozenset[Refusal]) -> tuple[Verdict, ...]:
    """The verdict of every check that concerns the target."""
    found = {danger: words for danger, words in _dangers(draft, accepted) if words}
    verdicts = [_verdict(danger, found.get(danger, ""), accepted) for danger in _concerning(notation)]
    return (*verdicts, _own_address(draft, notation, accepted))


def _concerning(notation: Notation) -> list[Refusal]:
    checks = [
        Refusal.EMPTY_RESULT,
        Refusal.HALF_REMOVED,
        Refusal.NOT_PUBLIC,
        Refusal.RANGE_TOO_WIDE,
        Refusal.TOO_MANY_ENTRIES,
    ]
    return checks if 6 in notation.versions else [*checks, Refusal.IPV6_AT_OKTA]


def _verdict(danger: Refusal, words: str, accepted: frozenset[Refusal]) -> Verdict:
    if not words:
        return Verdict(danger, Finding.PASSED)
    either = {danger, Refusal.IPV6_LEFT_OUT} if danger is Refusal.IPV6_AT_OKTA else {danger}
    return Verdict(danger, Finding.ACCEPTED if either & accepted else Finding.REFUSED, words)


def _dangers(draft: Draft, accepted: frozenset[Refusal]) -> Iterator[tuple[Refusal, str]]:
    yield Refusal.EMPTY_RESULT, "" if draft.wanted else f"{draft.title} would hold no address of ours"
    yield Refusal.HALF_REMOVED, _half_removed(draft)
    yield Refusal.NOT_PUBLIC, _not_public(draft.added)
    yield Refusal.RANGE_TOO_WIDE, _too_wide(draft.new)
    yield Refusal.TOO_MANY_ENTRIES, _too_many(draft)
    yield Refusal.IPV6_AT_OKTA, _unmatchable(draft, accepted)


def _half_removed(draft: Draft) -> str:
    if not draft.removed or draft.removed.size * 2 < draft.held.size:
        return ""
    return f"{draft.removed.size} of our {draft.held.size} addresses would be removed at once"


def _not_public(added: AddressSet) -> str:
    return "; ".join(f"{addresses} is {kind}" for kind, addresses in special_parts(added))


def _too_wide(new: Sequence[AddressSet]) -> str:
    wide = filter(_is_wide, new)
    return "; ".join(f"{each} is wider than /{WIDEST[_version(each)]}" for each in wide)


def _is_wide(addresses: AddressSet) -> bool:
    version = _version(addresses)
    return addresses.size > 1 << (_BITS[version] - WIDEST[version])


def _version(addresses: AddressSet) -> int:
    return 4 if addresses.of_version(4) else 6


def _too_many(draft: Draft) -> str:
    if len(draft.entries) <= MOST_ENTRIES:
        return ""
    return f"{draft.title} would hold {len(draft.entries)} entries; at most {MOST_ENTRIES} are reasonable"


def _unmatchable(draft: Draft, accepted: frozenset[Refusal]) -> str:
    if not draft.unmatchable:
        return ""
    if Refusal.IPV6_LEFT_OUT in accepted:
        return f"left out: {draft.unmatchable}; nobody signs in from there"
    return f"Okta matches {draft.unmatchable} in its IPv6 beta only; elsewhere nobody signs in from there"


def _own_address(draft: Draft, notation: Notation, accepted: frozenset[Refusal]) -> Verdict:
    danger, own = Refusal.OWN_ADDRESS_OUT, draft.own
    if not draft.removed or (own is not None and own.bound is False):
        return Verdict(danger, Finding.PASSED)
    if own is None or own.bound is None:
        return Verdict(danger, Finding.NOT_CHECKED, own.why if own else "nobody asked what our credential is bound to")
    if own.address is None:
        words = f"our credential is bound to {draft.title}; write our own address as own-address"
        return Verdict(danger, Finding.NOT_CHECKED, words)
    if own.address <= content(draft.entries, notation).addresses:
        return Verdict(danger, Finding.PASSED)
    words = f"our credential works from {draft.title} only, and our own address {own.address} would not be in it"
    return _verdict(danger, words, accepted)
