"""The states of egress addresses that were switched while the gateway ran: they outlive a restart."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tunnel_gateway.state import Schema, State, StateError, transaction

SCHEMA: Final = Schema(
    "egress",
    (
        (
            """CREATE TABLE egress (
                pool TEXT NOT NULL, address TEXT NOT NULL, state TEXT NOT NULL, configured TEXT NOT NULL,
                PRIMARY KEY (pool, address)
            ) WITHOUT ROWID""",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Switched:
    """The state that an address was switched to, and what the configuration said at that time."""

    state: str
    configured: str


class EgressStore:
    """The table in the gateway's state file. Raises StateError on opening."""

    def __init__(self, state: State) -> None:
        self._connection = state.connect(SCHEMA)

    def read(self) -> Mapping[tuple[str, str], Switched]:
        """By pool and address."""
        rows = self._connection.execute("SELECT pool, address, state, configured FROM egress")
        return {(pool, address): Switched(state, configured) for pool, address, state, configured in rows}

    def write(self, pool: str, address: str, state: str, configured: str) -> None:
        """Raises StateError."""
        try:
            with transaction(self._connection):
                self._connection.execute("REPLACE INTO egress VALUES (?, ?, ?, ?)", (pool, address, state, configured))
        except sqlite3.Error as error:
            raise StateError(f"the state of egress addresses cannot be kept: {error}") from error
