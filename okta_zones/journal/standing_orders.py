"""What somebody has ordered and is not done yet: addresses to retire, and a rotation under way.

They stand in the journal, so that a crash, a frozen removal or another process finds them again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from okta_zones.addresses import AddressSet, parse_addresses, union
from okta_zones.journal.store import rows, transaction


class Stage(StrEnum):
    """How far a rotation has come: the last step that is certainly done."""

    BEGUN = "begun"
    ADMITTED = "admitted"
    """The new addresses stand at every target and were read back."""
    COUNTED = "counted"
    """They count everywhere, as far as that can be known."""
    SWITCHED = "switched"
    """The gateways leave from the new addresses."""
    DRAINED = "drained"
    """Nobody leaves from the old ones any more."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """The old addresses go, the new ones come."""

    old: AddressSet
    new: AddressSet
    stage: Stage
    since: datetime
    """When `stage` was reached."""

    def __str__(self) -> str:
        return f"a rotation from {self.old} to {self.new}"


class StandingOrders:
    """The orders of one journal. Every method is one transaction, and raises JournalError."""

    def __init__(self, connection: sqlite3.Connection, path: Path, clock: Callable[[], datetime]) -> None:
        self._connection = connection
        self._path = path
        self._clock = clock

    def retirements(self) -> AddressSet:
        """The addresses that are to be removed as soon as that is allowed."""
        return union(parse_addresses(text) for (text,) in self._rows("SELECT addresses FROM retirements"))

    def retire(self, addresses: AddressSet) -> None:
        """Order their removal."""
        self._replace_retirements(self.retirements() | addresses)

    def retired(self, addresses: AddressSet) -> None:
        """They are removed everywhere, or wanted again: nothing is left to do about them."""
        self._replace_retirements(self.retirements() - addresses)

    def rotation(self) -> Rotation | None:
        """The rotation under way."""
        for old, new, stage, since in self._rows("SELECT old, new, stage, since FROM rotation"):
            return Rotation(_set(old), _set(new), Stage(stage), datetime.fromisoformat(since))
        return None

    def freeze(self) -> tuple[str, ...]:
        """Why nothing else may be removed now, in words."""
        return tuple(f"{rotation} is under way" for rotation in [self.rotation()] if rotation)

    def rotate(self, old: AddressSet, new: AddressSet, stage: Stage) -> Rotation:
        """A rotation begins, or has come to a further stage."""
        now = self._clock()
        with transaction(self._connection):
            self._connection.execute(
                "INSERT OR REPLACE INTO rotation VALUES (1, ?, ?, ?, ?)", (str(old), str(new), stage, now.isoformat())
            )
        return Rotation(old, new, stage, now)

    def rotated(self) -> None:
        """No rotation is under way any more."""
        with transaction(self._connection):
            self._connection.execute("DELETE FROM rotation")

    def _replace_retirements(self, addresses: AddressSet) -> None:
        with transaction(self._connection):
            self._connection.execute("DELETE FROM retirements")
            self._connection.executemany(
                "INSERT INTO retirements VALUES (?, ?)",
                [(text, self._clock().isoformat()) for text in addresses.texts()],
            )

    def _rows(self, query: str) -> list[tuple[str, ...]]:
        return rows(self._connection, self._path, query)


def _set(text: str) -> AddressSet:
    """What `str` of a set wrote."""
    return union(map(parse_addresses, text.split(", ")))
