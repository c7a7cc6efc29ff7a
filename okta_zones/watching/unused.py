"""Which addresses of ours may go because nobody has used them for long enough.

For the whole time all sources were healthy and none reported the address, and no identity provider saw a sign-in from
it. Where that cannot be asked, the address stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from okta_zones.addresses import NOTHING, AddressSet, parse_addresses, union
from okta_zones.errors import FarEndError, RefusedError
from okta_zones.far_ends import OktaOrg
from okta_zones.graph import sign_ins
from okta_zones.journal import Journal
from okta_zones.okta import system_log
from okta_zones.opening import Opened
from okta_zones.unreadable import Unreadable

MOST_ASKED: Final = 32
"""Addresses that are asked about in one cycle: every one costs a request at every target."""


@dataclass(frozen=True, slots=True)
class Unused:
    """What may go, and why the rest may not, a sentence each."""

    addresses: AddressSet = NOTHING
    stays: tuple[str, ...] = field(default=())


def unused(targets: Sequence[Opened], journal: Journal, after: timedelta) -> Unused:
    """Ask about every address that no source has reported for so long. Where nobody answers, none goes."""
    may_go: list[AddressSet] = []
    stays: list[str] = []
    for address, since in _single(journal, after):
        try:
            seen = _seen(address, since, targets)
        except (RefusedError, FarEndError) as error:
            stays.append(f"what is unreported stays: whether somebody signed in from {address} is not known: {error}")
            break
        if seen is None:
            may_go.append(parse_addresses(address))
        elif isinstance(seen, Unreadable):
            stays.append(f"what is unreported stays ({address} since {since:%Y-%m-%dT%H:%M:%SZ}): {seen}")
            break
        else:
            journal.absences.begin_anew(parse_addresses(address))
            stays.append(f"{address} is unreported and stays: {seen}")
    return Unused(union(may_go), tuple(stays))


def _single(journal: Journal, after: timedelta) -> Iterator[tuple[str, datetime]]:
    left = MOST_ASKED
    for absence in journal.absences.longer_than(after):
        for address in absence.addresses.singles(left):
            yield address, absence.since
            left -= 1


def _seen(address: str, since: datetime, targets: Sequence[Opened]) -> Unreadable | str | None:
    """A sign-in from the address since then, by our clock; None where every target says that there was none."""
    for opened in targets:
        found = _last_sign_in(opened, address, since)
        if isinstance(found, Unreadable):
            return found
        if found is not None:
            return f"{opened.name} saw a sign-in of {found.user} from it at {found.at}"
    return None


def _last_sign_in(
    opened: Opened, address: str, since: datetime
) -> system_log.SignIn | sign_ins.SignIn | Unreadable | None:
    exchange = opened.far_end.exchange
    there = since + timedelta(seconds=exchange.clock_offset)
    if isinstance(opened.far_end, OktaOrg):
        return system_log.last_sign_in_from(exchange, address, there)
    return sign_ins.last_sign_in_from(exchange, address, there)
