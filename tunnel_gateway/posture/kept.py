"""The posture that outlives a restart: what was read of each device, alarms, the revision, an announced maintenance.

Written behind: admission never waits for a disk, and a disk that is full stops nothing. It only means that less is
known after the next start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from dtr_rules import Platform
from tunnel_gateway.posture.alarm import Alarm
from tunnel_gateway.posture.clock import Clock, Moment
from tunnel_gateway.posture.inventory import NO_SWEEP, Inventory, Record
from tunnel_gateway.posture.maintenance import Maintenance
from tunnel_gateway.posture.model import Compliance, DevicePosture, Ownership
from tunnel_gateway.state import Schema, State, transaction

_DEVICES: Final = """
    CREATE TABLE devices (
        udid TEXT PRIMARY KEY, platform TEXT, enrolled INTEGER, compliance TEXT, word TEXT, compromised INTEGER,
        uuid TEXT, organization_group TEXT, group_uuid TEXT, ownership TEXT, spelled TEXT,
        wall REAL, running REAL, boot TEXT,
        blocked INTEGER, blocked_wall REAL, blocked_running REAL, blocked_boot TEXT
    ) WITHOUT ROWID"""
_ALARMS: Final = "CREATE TABLE alarms (key TEXT PRIMARY KEY, compliance TEXT, compromised INTEGER, unenrolled INTEGER)"
_WHOLE: Final = """
    CREATE TABLE whole (id INTEGER PRIMARY KEY CHECK (id = 0), revision INTEGER, wall REAL, running REAL, boot TEXT)"""
_MAINTENANCE: Final = """
    CREATE TABLE maintenance (
        id INTEGER PRIMARY KEY CHECK (id = 0), wall REAL, running REAL, boot TEXT, length REAL, reason TEXT
    )"""
SCHEMA: Final = Schema("posture", ((_DEVICES, _ALARMS, _WHOLE, _MAINTENANCE),))
CHUNK: Final = 500
"""Devices that are written in one transaction."""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be written in one transaction: rows of devices, UDIDs that are gone, and the rest where it changed."""

    devices: Sequence[Row]
    gone: Sequence[tuple[str]]
    alarms: Sequence[Row] | None
    whole: Row | None


class KeptPosture:
    """The tables. `write` is for one thread at a time, whichever; the rest belongs to the thread of the inventory."""

    def __init__(self, state: State, clock: Clock) -> None:
        """Raises StateError."""
        self._connection = state.connect(SCHEMA)
        self._beside = state.connect(SCHEMA)  # the other one may be writing, in its thread
        self._clock = clock
        self._own: set[str] = set()

    # --- reading ---

    def load(self, inventory: Inventory) -> None:
        """Fill an empty inventory. A moment of which no age can be told is taken for infinitely old."""
        now = self._clock.running()
        whole = self._connection.execute("SELECT revision, wall, running, boot FROM whole").fetchone()
        if whole is not None:
            inventory.revision = whole[0]
            if whole[1] is not None:
                inventory.full_as_of = now - self._clock.since(Moment(*whole[1:]))
        full = float("-inf") if inventory.full_as_of is None else inventory.full_as_of
        for row in self._connection.execute("SELECT * FROM devices"):
            own = None if row[11] is None else now - self._clock.since(Moment(*row[11:14]))
            posture = _posture(row)
            inventory.restore(Record(posture, full, 0) if own is None else Record(posture, own, NO_SWEEP))
            if own is not None:
                self._own.add(row[0])
            if row[14] is not None:
                moment = Moment(*row[15:18])
                inventory.set_access(row[0], blocked=bool(row[14]), as_of=now - self._clock.since(moment))
        for key, compliance, compromised, unenrolled in self._connection.execute("SELECT * FROM alarms"):
            # as of now: whatever was read before does not settle it
            inventory.alarm(key, Alarm(now, compliance and Compliance(compliance), bool(compromised), bool(unenrolled)))
        inventory.changed.clear()

    def maintenance(self) -> Maintenance | None:
        row = self._connection.execute("SELECT wall, running, boot, length, reason FROM maintenance").fetchone()
        return None if row is None else Maintenance(Moment(*row[:3]), row[3], row[4])

    # --- writing ---

    def renew(self, inventory: Inventory) -> None:
        """A full synchronisation has found its end: note the devices whose moment is another one by that."""
        seen = {udid for udid in self._own if (each := inventory.record(udid)) and each.sweep == inventory.sweep}
        inventory.changed.update(seen, inventory.missed())

    def batch(self, inventory: Inventory, udids: Sequence[str]) -> Batch:
        """The rows of some devices."""
        records = [(udid, inventory.record(udid)) for udid in udids]
        rows = [self._device(inventory, record) for _, record in records if record is not None]
        return Batch(rows, [(udid,) for udid, record in records if record is None], None, None)

    def last(self, inventory: Inventory) -> Batch:
        """What counts once all devices are written: the moment of the last full synchronisation, and the alarms."""
        alarms = [(key, each.compliance, each.compromised, each.unenrolled) for key, each in inventory.alarms.items()]
        full = inventory.full_as_of
        moment = (None, None, None) if full is None else _row(self._clock.moment(full))
        last = Batch((), (), alarms if inventory.alarms_changed else None, (0, inventory.revision, *moment))
        inventory.alarms_changed = False
        return last

    def write(self, batch: Batch) -> None:
        """Raises sqlite3.Error."""
        with transaction(self._connection):
            write = self._connection.executemany
            write(f"REPLACE INTO devices VALUES ({', '.join('?' * 18)})", batch.devices)  # noqa: S608  question marks
            write("DELETE FROM devices WHERE udid = ?", batch.gone)
            if batch.alarms is not None:
                self._connection.execute("DELETE FROM alarms")
                write("INSERT INTO alarms VALUES (?, ?, ?, ?)", batch.alarms)
            if batch.whole is not None:
                self._connection.execute("REPLACE INTO whole VALUES (?, ?, ?, ?, ?)", batch.whole)

    def keep_maintenance(self, maintenance: Maintenance) -> None:
        """Raises sqlite3.Error."""
        row = (0, *_row(maintenance.began), maintenance.length, maintenance.reason)
        self._beside.execute("REPLACE INTO maintenance VALUES (?, ?, ?, ?, ?, ?)", row)

    def _device(self, inventory: Inventory, record: Record) -> Row:
        """A device whose moment is that of the last full synchronisation has none of its own."""
        posture, access = record.posture, inventory.access(record.posture.udid)
        swept = record.sweep == inventory.sweep
        (self._own.discard if swept else self._own.add)(posture.udid)
        return (
            posture.udid,
            posture.platform,
            posture.enrolled,
            posture.compliance,
            posture.compliance_word,
            posture.compromised,
            posture.uuid,
            posture.group,
            posture.group_uuid,
            posture.ownership,
            posture.spelled,
            *((None, None, None) if swept else _row(self._clock.moment(record.as_of))),
            None if access is None else access.blocked,
            *((None, None, None) if access is None else _row(self._clock.moment(access.as_of))),
        )


def _row(moment: Moment) -> tuple[float, float, str]:
    return moment.wall, moment.running, moment.boot


def _posture(row: Row) -> DevicePosture:
    return DevicePosture(
        udid=row[0],
        platform=row[1] and Platform(row[1]),
        enrolled=bool(row[2]),
        compliance=Compliance(row[3]),
        compliance_word=row[4],
        compromised=None if row[5] is None else bool(row[5]),
        uuid=row[6],
        group=row[7],
        group_uuid=row[8],
        ownership=Ownership(row[9]),
        spelled=row[10],
    )
