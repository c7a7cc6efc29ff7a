"""Whether the gate gates: Okta is asked what its policies say of every egress address, and of one outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from okta_zones.addresses import AddressSet
from okta_zones.config.verification import VerificationSettings
from okta_zones.errors import Refusal, RefusedError
from okta_zones.exchange import Exchange
from okta_zones.okta.simulate import Access, Simulation, Verdict
from okta_zones.unreadable import Unreadable

MOST_QUESTIONS: Final = 16
"""Addresses of a large pool that are asked about: the first ones, and each run's ends."""


@dataclass(frozen=True, slots=True)
class Check:
    """One address, and what the policies should and do say of it."""

    address: str
    expected: Access
    found: Access

    def __str__(self) -> str:
        return f"{self.found} from {self.address}, expected {self.expected}"


@dataclass(frozen=True, slots=True)
class Verification:
    """What was asked. `unread` says why nothing could be asked."""

    checks: tuple[Check, ...] = ()
    unread: Unreadable | None = None

    @property
    def wrong(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.found is not check.expected)

    def __str__(self) -> str:
        if self.unread is not None:
            return f"not verified: {self.unread}"
        inside = sum(check.expected is Access.ALLOWED for check in self.checks)
        outside = ", ".join(check.address for check in self.checks if check.expected is Access.DENIED)
        return f"verified: Okta would allow a sign-in from {inside} egress addresses and deny one from {outside}"


def verify(exchange: Exchange, settings: VerificationSettings, addresses: AddressSet) -> Verification:
    """Ask about `addresses` and the address outside. Raises FarEndError."""
    simulation = Simulation(exchange, app_id=settings.app_id, user_id=settings.user_id)
    checks: list[Check] = []
    for address, expected in _questions(settings.outside, addresses):
        answer = simulation.ask(address)
        if isinstance(answer, Unreadable):
            return Verification(unread=answer)
        checks.append(Check(address, expected, _said(answer, expected)))
    return Verification(tuple(checks))


def refusal_of(title: str, verification: Verification) -> RefusedError | None:
    """What to say where the policies do not answer as the addresses say; None where they do."""
    if not verification.wrong:
        return None
    said = "; ".join(map(str, verification.wrong))
    message = f"{title} holds the addresses, and yet simulate says: {said}; look at the policies that name the zone"
    return RefusedError(Refusal.NOT_VERIFIED, message)


def _questions(outside: str, addresses: AddressSet) -> Iterator[tuple[str, Access]]:
    ends = list(dict.fromkeys(end for run in addresses.runs() for end in run))
    for address in ends[:MOST_QUESTIONS]:
        yield address, Access.ALLOWED
    yield outside, Access.DENIED


def _said(verdict: Verdict, expected: Access) -> Access:
    """Where no rule lets anybody in from outside, nobody gets in."""
    undecided = verdict.access is Access.UNDECIDED and expected is Access.DENIED
    return Access.DENIED if undecided else verdict.access
