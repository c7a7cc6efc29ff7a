"""Where events are taken in: bad news counts at once, and every device that one is about is read again, soon.

Many events at a time become one full synchronisation, where that takes fewer requests than reading each device.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from tunnel_gateway.posture.errors import UemError
from tunnel_gateway.posture.events import Event, read_event
from tunnel_gateway.posture.inventory import Inventory
from tunnel_gateway.posture.look_ups import LookUps
from tunnel_gateway.posture.uem import PAGE_SIZE, UemClient

REMEMBERED: Final = 50_000
"""Events that are recognised when they are told again."""
MAX_ALARMS: Final = 100_000
STORM: Final = 50
"""So many devices to be read again are read one by one, however few pages the inventory has."""
AT_ONCE: Final = 4
FIRST_PAUSE: Final = 1.0
LAST_PAUSE: Final = 30.0

_Name = tuple[str, str]
"""A kind of name that the UEM can look a device up by, and the name."""


class TooManyEventsError(Exception):
    """There is no room for another alarm; the sender may try again."""


class Watcher(Protocol):
    """Who acts on what becomes known: the gateway, with the tunnels that are open."""

    @property
    def devices_with_tunnels(self) -> tuple[str, ...]: ...

    def device_changed(self, udid: str) -> None: ...

    async def devices_changed(self, udids: Iterable[str]) -> None: ...

    async def certificates_expired(self) -> None:
        """Time has passed: certificates may have come to their end."""


class EventDesk:
    """The events that came, and the devices that are to be read again because of them."""

    def __init__(
        self,
        client: UemClient,
        inventory: Inventory,
        look_ups: LookUps,
        *,
        running: Callable[[], float],
        watcher: Callable[[], Watcher],
        want_sync: Callable[[], None],
    ) -> None:
        self._client = client
        self._inventory = inventory
        self._look_ups = look_ups
        self._running = running
        self._watcher = watcher
        self._want_sync = want_sync
        self._known: OrderedDict[tuple[str, str, str], None] = OrderedDict()
        self._queue: OrderedDict[_Name, float] = OrderedDict()
        self._some = asyncio.Event()
        self._swept = asyncio.Event()
        self.taken = 0

    @property
    def waiting(self) -> int:
        """Devices that are still to be read again."""
        return len(self._queue)

    def take(self, body: bytes) -> None:
        """Take in one notification. Raises EventError and TooManyEventsError."""
        event = read_event(body, self._running())
        if event.time and event.key in self._known:
            return
        if len(self._inventory.alarms) >= MAX_ALARMS:
            self._want_sync()
            raise TooManyEventsError
        self._known[event.key] = None
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        self.taken += 1
        self._alarm(event)
        self._read_again(event)

    def _alarm(self, event: Event) -> None:
        if event.alarm is None or not (event.udid or event.uuid):
            return
        self._inventory.alarm(event.udid or event.uuid, event.alarm)
        for udid in [event.udid] if event.udid else self._with_tunnels(event.uuid):
            self._watcher().device_changed(udid)

    def _with_tunnels(self, uuid: str) -> list[str]:
        records = ((udid, self._inventory.record(udid)) for udid in self._watcher().devices_with_tunnels)
        return [udid for udid, record in records if record is not None and record.posture.uuid == uuid]

    def _read_again(self, event: Event) -> None:
        name = self._name(event)
        if name is None:
            self._want_sync()
            return
        self._queue[name] = self._running()
        self._some.set()

    def _name(self, event: Event) -> _Name | None:
        if event.udid:
            return "Udid", event.spelled
        if event.device_id not in ("", "0"):
            return "DeviceId", event.device_id
        if event.serial:
            return "Serialnumber", event.serial
        udid = self._inventory.with_uuid(event.uuid) if event.uuid else None
        return None if udid is None else ("Udid", udid)

    # --- reading again ---

    async def run(self) -> None:
        """Read again what events were about, for ever."""
        pause = FIRST_PAUSE
        while True:
            await self._some.wait()
            if self._is_storm():
                self._swept.clear()
                self._want_sync()
                await self._swept.wait()
                continue
            names = list(self._queue)[:AT_ONCE]
            done = await asyncio.gather(*map(self._read, names), return_exceptions=True)
            failed = [each for each in done if isinstance(each, BaseException)]
            self._let_others_ahead(names)
            if not self._queue:
                self._some.clear()
            if unforeseen := next((each for each in failed if not isinstance(each, UemError)), None):
                raise unforeseen
            pause = min(pause * 2, LAST_PAUSE) if failed else FIRST_PAUSE
            if failed:
                await asyncio.sleep(pause)

    def _let_others_ahead(self, names: Iterable[_Name]) -> None:
        """Those that are still to be read, since that failed, come last from now on."""
        for name in names:
            if name in self._queue:
                self._queue.move_to_end(name)

    def synchronised(self, began: float | None) -> None:
        """A full synchronisation has ended; `began` is None where it failed. What came before it is settled."""
        if began is not None:
            for name in [name for name, at in self._queue.items() if at <= began]:
                del self._queue[name]
            self._inventory.drop_alarms(began)
            if not self._queue:
                self._some.clear()
        self._swept.set()

    def _is_storm(self) -> bool:
        return len(self._queue) > max(STORM, len(self._inventory) / PAGE_SIZE)

    async def _read(self, name: _Name) -> None:
        kind, value = name
        asked = self._running()
        if kind == "Udid":
            await self._look_ups.read(value, urgent=True)
        else:
            device = await self._client.device_by(kind, value)
            if device is not None and self._inventory.read(device, asked):
                self._watcher().device_changed(device.udid)
        if self._queue.get(name, asked + 1) <= asked:  # another event may have come since
            del self._queue[name]
