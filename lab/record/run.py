"""A run of a scenario, from its first step to its last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from lab.record.expectation import Check
from lab.record.login import Login
from lab.record.zones import ZoneMoment

VERSION: Final = 1


class PartyKind(StrEnum):
    """What a party of the world is."""

    DEVICE = "device"
    GATEWAY = "gateway"
    EGRESS = "egress"
    OKTA = "okta"
    ENTRA = "entra"
    UEM = "uem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One party of the world and the addresses that it has; `detail` is a device's platform.

    `hosts` are the names that lead to it, of those that devices open.
    """

    kind: PartyKind
    name: str
    addresses: tuple[str, ...]
    detail: str = ""
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step that was done. `clock` is the services' time before it, `seconds` how long it really took.

    `said` are lines that a program of this step printed, or a short word on what came of it.
    """

    number: int
    words: str
    place: str
    clock: datetime
    seconds: float
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Everything that a run left behind. `failure` says why it could not be played to its end; empty where it was.

    `learn` is what a person learns, `unconfirmed` what of it no public source confirms; `scaled` says what the real
    programs were told to do faster than a real deployment would.
    """

    scenario: str
    title: str
    file: str
    learn: tuple[str, ...]
    unconfirmed: tuple[str, ...]
    scaled: tuple[str, ...]
    started: datetime
    seconds: float
    parties: tuple[Party, ...]
    steps: tuple[Step, ...]
    logins: tuple[Login, ...]
    zones: tuple[ZoneMoment, ...]
    checks: tuple[Check, ...]
    failure: str = ""
    v: Literal[1] = 1

    @property
    def as_expected(self) -> bool:
        """Whether it was played to its end and every expectation was met."""
        return not self.failure and all(check.met for check in self.checks)

    @property
    def unmet(self) -> tuple[Check, ...]:
        """The expectations that were not met, in the order of the file."""
        return tuple(check for check in self.checks if not check.met)
