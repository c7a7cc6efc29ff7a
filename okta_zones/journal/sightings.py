"""What a target was last seen to hold beside our entries: without it nobody could tell that others changed it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from okta_zones.addresses import Entry
from okta_zones.journal.store import rows, transaction


@dataclass(frozen=True, slots=True)
class Sighting:
    """Others' entries and the settings, as JSON says them."""

    others: tuple[Entry, ...]
    settings: Mapping[str, Any]


class Sightings:
    """The sightings of one journal, by a target's key. Every method raises JournalError."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def last(self, target: str) -> Sighting | None:
        """What was seen last; None the first time."""
        query = "SELECT entries, settings FROM sightings WHERE target = ?"
        for entries, settings in rows(self._connection, self._path, query, (target,)):
            return Sighting(tuple(json.loads(entries)), json.loads(settings))
        return None

    def note(self, target: str, others: Sequence[Entry], settings: Mapping[str, object]) -> Sighting:
        """What is seen now."""
        written = json.dumps([dict(entry) for entry in others]), json.dumps(dict(settings), default=dict)
        with transaction(self._connection):
            self._connection.execute("INSERT OR REPLACE INTO sightings VALUES (?, ?, ?)", (target, *written))
        return Sighting(tuple(json.loads(written[0])), json.loads(written[1]))
