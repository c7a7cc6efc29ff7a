"""What is known of every device, in memory: records as of a moment, alarms, and one sequence of revisions.

Pure: who reads the UEM, and who keeps what was read, is elsewhere. Records are applied in the order in which the UEM
was asked, not in the order in which its answers came. Times are running seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from tunnel_gateway.posture import packed
from tunnel_gateway.posture.alarm import Alarm
from tunnel_gateway.posture.model import DevicePosture
from tunnel_gateway.posture.packed import Packing
from tunnel_gateway.posture.record import one_of

NO_SWEEP: Final = -1
REMEMBERED: Final = 1024
"""Records that are kept as objects."""


@dataclass(frozen=True, slots=True)
class Record:
    """A device as of the moment that the UEM was asked; `sweep` is the last full synchronisation that had it.

    0 is the last one of the start before, NO_SWEEP none that counts.
    """

    posture: DevicePosture
    as_of: float
    sweep: int


@dataclass(slots=True)
class Access:
    """The tunnel service's `block_access` of a device, as of a moment."""

    blocked: bool
    as_of: float


class Inventory:
    """Every device by its UDID in lower case. `changed` collects the UDIDs whose record is to be kept anew."""

    def __init__(self) -> None:
        self.revision = 0
        self.sweep = 0
        self.full_as_of: float | None = None
        """When the last full synchronisation began that found its end; None before the first."""
        self.changed: set[str] = set()
        self._packing = Packing()
        # What a device is asked about comes in bursts; the records are never changed, but replaced.
        self._unpacked = lru_cache(REMEMBERED)(self._unpack)
        self._records: dict[str, bytes] = {}
        self._access: dict[str, Access] = {}
        self._alarms: dict[str, Alarm] = {}
        self.alarms_changed = False

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[tuple[str, Record]]:
        return ((udid, self._unpack(udid, each)) for udid, each in self._records.items())

    def record(self, udid: str) -> Record | None:
        known = self._records.get(udid)
        return None if known is None else self._unpacked(udid, known)

    def as_of(self, udid: str) -> float | None:
        """When the UEM was asked for the device's record; None where there is none."""
        known = self._records.get(udid)
        return None if known is None else packed.moment(known)

    def with_uuid(self, uuid: str) -> str | None:
        """The UDID of the device that has this id at the UEM."""
        return next((udid for udid, each in self._records.items() if packed.has_uuid(each, uuid)), None)

    def read(self, posture: DevicePosture, as_of: float, *, swept: bool = False) -> bool:
        """Take in what the UEM said of a device when it was asked at `as_of`; whether that changes anything.

        `swept` where the full synchronisation read it, which may find two records of one device.
        """
        udid, known = posture.udid, self._records.get(posture.udid)
        settled = self._settle((udid, posture.uuid), as_of)
        if known is None:
            self._records[udid] = self._packing.pack(posture, as_of, self.sweep if swept else 0)
            return self._note(udid)
        before, sweep = packed.moment(known), packed.sweep(known)
        if swept and sweep == self.sweep:
            posture = one_of(self._packing.posture(udid, known), posture)
        if swept:
            sweep = self.sweep
        if as_of < before:
            self._records[udid] = packed.read_again(known, before, sweep)
            return settled
        self._records[udid] = read = self._packing.pack(posture, as_of, sweep)
        return settled if packed.is_same(read, known) else self._note(udid)

    def restore(self, record: Record) -> None:
        """Take in a record that was kept."""
        self._records[record.posture.udid] = self._packing.pack(record.posture, record.as_of, record.sweep)

    def forget(self, udid: str, as_of: float) -> bool:
        """The UEM, asked at `as_of`, does not know the device; whether that changes anything."""
        record = self.record(udid)
        if record is None or as_of < record.as_of:
            return False
        del self._records[udid]
        self._access.pop(udid, None)
        self._settle((udid, record.posture.uuid), as_of)
        return self._note(udid)

    def missed(self) -> list[str]:
        """The devices that the last full synchronisation did not have, though they were known before it began."""
        began = self.full_as_of
        assert began is not None
        last = packed.packed_sweep(self.sweep)
        others = ((udid, each) for udid, each in self._records.items() if not packed.is_of_sweep(each, last))
        return [udid for udid, each in others if packed.moment(each) < began]

    def _unpack(self, udid: str, known: bytes) -> Record:
        return Record(self._packing.posture(udid, known), packed.moment(known), packed.sweep(known))

    # --- alarms ---

    @property
    def alarms(self) -> Mapping[str, Alarm]:
        return self._alarms

    def alarm(self, key: str, alarm: Alarm) -> None:
        """Let bad news count at once. `key` is the device's UDID or the UEM's own id of it, in lower case."""
        known = self._alarms.get(key)
        self._alarms[key] = alarm if known is None else known.and_also(alarm)
        self.alarms_changed = True
        self.revision += 1

    def alarm_of(self, posture: DevicePosture) -> Alarm | None:
        if not self._alarms:
            return None
        by_udid, by_uuid = self._alarms.get(posture.udid), self._alarms.get(posture.uuid)
        return by_udid.and_also(by_uuid) if by_udid and by_uuid else by_udid or by_uuid

    def settle(self, key: str, as_of: float) -> None:
        """The UEM, asked at `as_of`, has no device of that name: there is nothing left to be alarmed about."""
        self._settle((key,), as_of)

    def drop_alarms(self, began: float) -> None:
        """A full synchronisation that began then is over: alarms that came before it about devices that it did not find
        are dropped, but for those about devices that are still to be looked up."""
        missing = set(self.missed())
        missing |= {self._packing.posture(udid, self._records[udid]).uuid for udid in missing}
        self._settle(tuple(key for key in self._alarms if key not in missing), began)

    def _settle(self, keys: tuple[str, ...], as_of: float) -> bool:
        """Drop the alarms that are older than the reading at `as_of`; whether there was one."""
        old = [key for key in keys if (alarm := self._alarms.get(key)) is not None and alarm.at <= as_of]
        for key in old:
            del self._alarms[key]
        if old:
            self.alarms_changed = True
            self.revision += 1
        return bool(old)

    # --- access ---

    def access(self, udid: str) -> Access | None:
        return self._access.get(udid)

    def set_access(self, udid: str, *, blocked: bool, as_of: float) -> bool:
        """Take in the tunnel service's word; whether it differs from the one before."""
        before = self._access.get(udid)
        self._access[udid] = Access(blocked, as_of)
        self.changed.add(udid)
        if (before.blocked if before else False) is blocked:
            return False
        return self._note(udid)

    def _note(self, udid: str) -> bool:
        self.revision += 1
        self.changed.add(udid)
        return True
