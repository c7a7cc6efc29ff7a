"""The journal's contents: records of every step, the entries that are ours, writes that are under way."""

from __future__ import annotations

import contextlib
import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from okta_zones.addresses import AddressSet, Entry, parse_addresses, union
from okta_zones.journal.absences import Absences
from okta_zones.journal.records import Record, Step
from okta_zones.journal.sightings import Sightings
from okta_zones.journal.standing_orders import StandingOrders
from okta_zones.journal.store import connected, rows, transaction


@dataclass(frozen=True, slots=True)
class Place:
    """A zone or a location: the org or tenant that it is in, its name there, its id (None until it exists)."""

    scope: str
    name: str
    id: str | None

    @property
    def key(self) -> str:
        """How records name it."""
        return f"{self.scope}#{self.id}" if self.id is not None else self.unborn

    @property
    def unborn(self) -> str:
        """How records name it while it is being created."""
        return f"{self.scope}#new:{self.name}"


@dataclass(frozen=True, slots=True)
class Owned:
    """An entry of a zone that is ours: its addresses (one unbroken run), since when, and how it came to be ours."""

    addresses: AddressSet
    since: datetime
    how: Step


@dataclass(frozen=True, slots=True)
class Intent:
    """A write whose end is not in the journal: the run that began it, and the lists before and after."""

    run: str
    at: datetime
    before: tuple[Entry, ...]
    after: tuple[Entry, ...]
    ours: tuple[AddressSet, ...]
    """The entries of `after` that are ours."""


class Journal:
    """An open journal. Every method is one transaction, and raises JournalError when the file cannot be used."""

    def __init__(self, connection: sqlite3.Connection, path: Path, clock: Callable[[], datetime]) -> None:
        """`clock` gives the time in UTC."""
        self._connection = connection
        self._clock = clock
        self.path = path
        self.run = secrets.token_hex(4)
        """What the records of this process are known by."""
        self.orders = StandingOrders(connection, path, clock)
        self.absences = Absences(connection, path, clock)
        self.sightings = Sightings(connection, path)

    @classmethod
    @contextlib.contextmanager
    def opened(cls, path: Path, clock: Callable[[], datetime]) -> Iterator[Journal]:
        """The journal at `path`, made where there is none. Raises JournalError."""
        with connected(path) as connection:
            yield cls(connection, path, clock)

    # --- records -------------------------------------------------------------------------------------------------

    def record(self, step: Step, place: Place | None = None, **detail: object) -> None:
        """Write a record; `detail` is JSON."""
        with transaction(self._connection):
            self._record(step, place, detail)

    def history(self, targets: Sequence[str] = (), limit: int | None = None) -> list[Record]:
        """The records, oldest first: of these targets' keys (none named: of all), the last `limit` of them."""
        where = f"WHERE target IN ({','.join('?' * len(targets))})" if targets else ""
        rows = self._rows(
            f"SELECT number, at, run, target, step, detail FROM records {where} ORDER BY number DESC LIMIT ?",  # noqa: S608
            (*targets, -1 if limit is None else limit),
        )
        return [
            Record(number, _time(at), run, target, Step(step), json.loads(detail))
            for number, at, run, target, step, detail in reversed(rows)
        ]

    def writes_since(self, place: Place, at: datetime) -> list[float]:
        """The writes that the far end has answered at `place` since then, by this journal's clock, oldest first.

        Each is told as the seconds from the last read before it to its answer.
        """
        query = "SELECT detail FROM records WHERE target = ? AND step = ? AND at >= ? ORDER BY number"
        rows = self._rows(query, (place.key, Step.WRITTEN.value, at.isoformat()))
        return [float(json.loads(detail)["seconds"]) for (detail,) in rows]

    # --- what is ours --------------------------------------------------------------------------------------------

    def owned(self, place: Place) -> tuple[Owned, ...]:
        """The entries that are ours at `place`, those of a write under way among them."""
        rows = self._rows(
            "SELECT addresses, since, how FROM owned WHERE target IN (?, ?) ORDER BY since, addresses",
            (place.key, place.unborn),
        )
        found = {text: Owned(parse_addresses(text), _time(since), Step(how)) for text, since, how in rows}
        return tuple(found.values())

    def all_owned(self) -> AddressSet:
        """Every address that is ours anywhere."""
        return union(parse_addresses(text) for (text,) in self._rows("SELECT DISTINCT addresses FROM owned", ()))

    def adopt(self, place: Place, entries: Iterable[AddressSet]) -> None:
        """These entries, which others wrote, are ours from now on."""
        texts = [str(each) for each in entries]
        with transaction(self._connection):
            self._own(place, texts, Step.ADOPTED)
            self._record(Step.ADOPTED, place, {"addresses": texts})

    # --- a write, from the intent to the proof ---------------------------------------------------------------------

    def intend(self, place: Place, before: Sequence[Entry], after: Sequence[Entry], ours: Iterable[AddressSet]) -> None:
        """About to write `after`, in which `ours` are ours: from now on they count as ours, whatever happens next."""
        texts = [str(each) for each in ours]
        with transaction(self._connection):
            known = {text for text, _, _ in self._owned_rows(place)}
            fresh = json.dumps([text for text in texts if text not in known])
            self._connection.execute(
                "INSERT OR REPLACE INTO intents VALUES (?, ?, ?, ?, ?, ?, ?)",
                (place.key, self.run, self._now(), _json(before), _json(after), json.dumps(texts), fresh),
            )
            self._own(place, texts, Step.INTENDED)
            self._record(Step.INTENDED, place, {"before": list(before), "after": list(after), "ours": texts})

    def confirm(self, place: Place, after: Sequence[Entry], ours: Iterable[AddressSet], step: Step) -> None:
        """The target was read back with `after`: `ours` are ours there, and nothing else is."""
        texts = [str(each) for each in ours]
        with transaction(self._connection):
            since = {text: (at, how) for text, at, how in self._owned_rows(place) if how != Step.INTENDED}
            self._connection.execute("DELETE FROM owned WHERE target IN (?, ?)", (place.key, place.unborn))
            for text in texts:
                at, how = since.get(text, (self._now(), Step.CONFIRMED.value))
                self._connection.execute("INSERT INTO owned VALUES (?, ?, ?, ?)", (place.key, text, at, how))
            self._close(place)
            self._record(step, place, {"after": list(after), "ours": texts})

    def give_up(self, place: Place, why: str) -> None:
        """The intended write certainly did not happen: what it alone would have made ours is not."""
        with transaction(self._connection):
            for (fresh,) in self._rows("SELECT fresh FROM intents WHERE target = ?", (place.key,)):
                for text in json.loads(fresh):
                    self._connection.execute("DELETE FROM owned WHERE target = ? AND addresses = ?", (place.key, text))
            self._close(place)
            self._record(Step.NOT_DONE, place, {"why": why})

    def drop_intent(self, place: Place, why: str) -> None:
        """The intended write does not stand there; what it would have made ours stays noted, should it yet appear."""
        with transaction(self._connection):
            self._close(place)
            self._record(Step.NOT_DONE, place, {"why": why})

    def intent(self, place: Place) -> Intent | None:
        """The write to `place` whose end is not known, if there is one."""
        rows = self._rows(
            "SELECT run, at, before, after, ours FROM intents WHERE target IN (?, ?) ORDER BY at DESC LIMIT 1",
            (place.key, place.unborn),
        )
        for run, at, before, after, ours in rows:
            entries = tuple(map(parse_addresses, json.loads(ours)))
            return Intent(run, _time(at), tuple(json.loads(before)), tuple(json.loads(after)), entries)
        return None

    # --- what was seen ---------------------------------------------------------------------------------------------

    def known_id(self, scope: str, name: str) -> str | None:
        """The id under which `name` was last found in `scope`."""
        rows = self._rows("SELECT id FROM ids WHERE scope = ? AND name = ?", (scope, name))
        return str(rows[0][0]) if rows else None

    def remember_id(self, place: Place) -> None:
        """The id of `place`, so that the next run finds it with one request."""
        if place.id is None or self.known_id(place.scope, place.name) == place.id:
            return
        with transaction(self._connection):
            self._connection.execute("INSERT OR REPLACE INTO ids VALUES (?, ?, ?)", (place.scope, place.name, place.id))

    def reported(self, source: str) -> Mapping[str, datetime]:
        """What a source has reported, run by run of addresses, and when it last did."""
        return {
            text: _time(at) for text, at in self._rows("SELECT addresses, at FROM reported WHERE source = ?", (source,))
        }

    def note_report(self, source: str, addresses: AddressSet, ours: AddressSet) -> None:
        """A source reports `addresses` now. What it reported earlier and is of `ours` stays noted, with its time."""
        now = self._now()
        rows = [(source, text, now) for text in addresses.texts()]
        for text, at in self.reported(source).items():
            rows += [(source, left, at.isoformat()) for left in ((parse_addresses(text) & ours) - addresses).texts()]
        with transaction(self._connection):
            self._connection.execute("DELETE FROM reported WHERE source = ?", (source,))
            self._connection.executemany("INSERT INTO reported VALUES (?, ?, ?)", rows)

    # --- the rows --------------------------------------------------------------------------------------------------

    def _record(self, step: Step, place: Place | None, detail: Mapping[str, object]) -> None:
        self._connection.execute(
            "INSERT INTO records (at, run, target, step, detail) VALUES (?, ?, ?, ?, ?)",
            (self._now(), self.run, place.key if place else None, step.value, json.dumps(detail, sort_keys=True)),
        )

    def _own(self, place: Place, texts: Iterable[str], how: Step) -> None:
        """Keeps what is ours already as it is."""
        for text in texts:
            self._connection.execute(
                "INSERT OR IGNORE INTO owned VALUES (?, ?, ?, ?)", (place.key, text, self._now(), how.value)
            )

    def _owned_rows(self, place: Place) -> list[Any]:
        return self._rows("SELECT addresses, since, how FROM owned WHERE target IN (?, ?)", (place.key, place.unborn))

    def _close(self, place: Place) -> None:
        self._connection.execute("DELETE FROM intents WHERE target IN (?, ?)", (place.key, place.unborn))

    def _rows(self, query: str, values: Sequence[object]) -> list[Any]:
        return rows(self._connection, self.path, query, values)

    def _now(self) -> str:
        return self._clock().isoformat()


def _json(entries: Sequence[Entry]) -> str:
    return json.dumps([dict(entry) for entry in entries])


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
