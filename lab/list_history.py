"""The lists that admit egress addresses, looked at again and again: what is new of them goes into the record."""

from __future__ import annotations

from typing import Final

from lab.operations import Operations
from lab.operations.admitted import AdmittedList
from lab.record import ZoneMoment

NETWORK_ZONE: Final = "network zone"
NAMED_LOCATION: Final = "named location"


def lists_of(operations: Operations) -> dict[str, AdmittedList]:
    """Okta's zone and Entra's named location as they are now, by their kinds."""
    return {NETWORK_ZONE: operations.okta.zone(), NAMED_LOCATION: operations.entra.location()}


class ListHistory:
    """What stood in the lists of one world when somebody last looked."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self._last: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}

    def look(self, step: int) -> list[ZoneMoment]:
        """The lists in which, or for sign-ins, something else stands than when they were last looked at."""
        found = []
        for kind, each in lists_of(self._operations).items():
            content = (each.entries, each.in_force)
            if self._last.get(kind) == content:
                continue
            self._last[kind] = content
            found.append(
                ZoneMoment(
                    step=step,
                    time=self._operations.world.clock.now(),
                    kind=kind,
                    name=each.name,
                    entries=each.entries,
                    in_force=each.in_force,
                    written_by=each.written_by,
                )
            )
        return found
