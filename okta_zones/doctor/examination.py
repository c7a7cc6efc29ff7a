"""Everything that was found about one target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from okta_zones.doctor.ability import Ability, Able
from okta_zones.doctor.check import Check, Level
from okta_zones.errors import FarEndError, NotGrantedError, RefusedError, RejectedError

Failure = RefusedError | FarEndError
FINE: Final = 0
FINDINGS: Final = 1
NOT_DONE: Final = 3


@dataclass(frozen=True, slots=True)
class Examination:
    """One target. `failure` is what ended the examination early."""

    name: str
    kind: str
    title: str
    credential: str
    """For people: what kind of credential it is."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What the org or tenant is: `org_id`, `engine`, `tenant`."""
    checks: tuple[Check, ...] = ()
    abilities: tuple[Ability, ...] = ()
    grant: tuple[str, ...] = ()
    """What to ask for, and no more: for every verb."""
    failure: Failure | None = None

    @property
    def exit_code(self) -> int:
        """0 when every verb can run and nothing is wrong, 1 for findings, 3 when the far end could not be asked."""
        if self.failure is not None and not isinstance(self.failure, RefusedError | RejectedError | NotGrantedError):
            return NOT_DONE
        wrong = any(check.level is Level.PROBLEM for check in self.checks)
        unable = any(ability.able is Able.NO for ability in self.abilities)
        return FINDINGS if self.failure is not None or wrong or unable else FINE
