"""Since when no source has reported an address of ours, as far as somebody kept looking.

An absence counts only while all sources are healthy and somebody looks: a source that fails, a pause of whoever looks,
or a clock that jumps back begins every absence anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from okta_zones.addresses import AddressSet, parse_addresses, union
from okta_zones.journal.store import rows, transaction


@dataclass(frozen=True, slots=True)
class Absence:
    """Addresses that no source has reported since then."""

    addresses: AddressSet
    since: datetime


class Absences:
    """The absences of one journal. Every method raises JournalError."""

    def __init__(self, connection: sqlite3.Connection, path: Path, clock: Callable[[], datetime]) -> None:
        self._connection = connection
        self._path = path
        self._clock = clock

    def note(self, unreported: AddressSet, *, within: timedelta) -> None:
        """All sources are healthy and report none of these; the last look may be no longer ago than `within`."""
        now = self._clock()
        known = self._known() if self._looked_within(now, within) else []
        kept = [Absence(still, each.since) for each in known if (still := each.addresses & unreported)]
        fresh = unreported - union(each.addresses for each in kept)
        self._write([*kept, Absence(fresh, now)], now)

    def forget(self) -> None:
        """A source is not healthy: nothing that was noted counts any more."""
        with transaction(self._connection):
            self._connection.execute("DELETE FROM absences")
            self._connection.execute("DELETE FROM healthy")

    def begin_anew(self, addresses: AddressSet) -> None:
        """Somebody still uses these: their absence begins now."""
        now = self._clock()
        left = [Absence(rest, each.since) for each in self._known() if (rest := each.addresses - addresses)]
        self._write([*left, Absence(addresses, now)], now)

    def longer_than(self, span: timedelta) -> list[Absence]:
        """The absences that have lasted so long."""
        return [each for each in self._known() if self._clock() - each.since >= span]

    def _known(self) -> list[Absence]:
        found = rows(self._connection, self._path, "SELECT addresses, since FROM absences")
        return [Absence(parse_addresses(text), datetime.fromisoformat(since)) for text, since in found]

    def _looked_within(self, now: datetime, within: timedelta) -> bool:
        found = rows(self._connection, self._path, "SELECT at FROM healthy")
        return any(timedelta(0) <= now - datetime.fromisoformat(at) <= within for (at,) in found)

    def _write(self, absences: Iterable[Absence], now: datetime) -> None:
        texts = [(text, each.since.isoformat()) for each in absences for text in each.addresses.texts()]
        with transaction(self._connection):
            self._connection.execute("DELETE FROM absences")
            self._connection.executemany("INSERT INTO absences VALUES (?, ?)", texts)
            self._connection.execute("INSERT OR REPLACE INTO healthy VALUES (1, ?)", (now.isoformat(),))
