"""Keep the posture of all devices: read the UEM on a period, singly for whom nothing is known, at once after an event.

What is known has a revision and an age. Where nothing is known, or it is too old, the answer is a refusal: a device is
never admitted because the UEM could not be asked.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from tunnel_gateway.posture.clock import Clock, in_words
from tunnel_gateway.posture.desk import EventDesk, Watcher
from tunnel_gateway.posture.errors import UemError
from tunnel_gateway.posture.inventory import Inventory
from tunnel_gateway.posture.keeper import Keeper
from tunnel_gateway.posture.kept import KeptPosture
from tunnel_gateway.posture.look_ups import LookUps
from tunnel_gateway.posture.maintenance import Maintenance, allowed_age, announced
from tunnel_gateway.posture.model import PostureAnswer
from tunnel_gateway.posture.status import PostureStatus
from tunnel_gateway.posture.sweep import look_up_missed, sweep
from tunnel_gateway.posture.tunnel_access import TunnelAccess
from tunnel_gateway.posture.uem import UemClient
from tunnel_gateway.reasons import Reason, RefusalError

LOOK_EVERY: Final = 5.0
"""Seconds between two looks at what only time changes: ages, certificates, what is to be kept."""

KEPT_AT_ONCE: Final = 5_000
"""Devices that have changed from which on they are kept before the next are read."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ages:
    """How often the inventory is read and how old it may be, in seconds.

    `live_beyond` is how much older it may be for a tunnel that is open; `maintenance` is the longest maintenance.
    """

    every: float
    max_age: float
    live_beyond: float = 0.0
    maintenance: float = 24 * 3600.0


class _Nobody:
    """Watches until there is a gateway."""

    devices_with_tunnels: tuple[str, ...] = ()

    def device_changed(self, udid: str) -> None: ...

    async def devices_changed(self, udids: Iterable[str]) -> None: ...

    async def certificates_expired(self) -> None: ...


class PostureSync:
    """The posture of every device. `kept` is None where nothing is to outlive the process."""

    def __init__(
        self,
        client: UemClient,
        ages: Ages,
        *,
        clock: Clock | None = None,
        kept: KeptPosture | None = None,
        checks_access: bool = False,
    ) -> None:
        self._client = client
        self._ages = ages
        self._clock = clock or Clock()
        self._kept = kept
        self._watcher: Watcher = _Nobody()
        self._inventory = Inventory()
        self._maintenance: Maintenance | None = None
        if kept is not None:
            kept.load(self._inventory)
            self._maintenance = kept.maintenance()
        self._look_ups = LookUps(client, self._inventory, running=self._clock.running, changed=self._changed)
        self._access = TunnelAccess(self._inventory, self._look_ups, running=self._clock.running, checked=checks_access)
        self._wanted = asyncio.Event()
        self.desk = EventDesk(
            client,
            self._inventory,
            self._look_ups,
            running=self._clock.running,
            watcher=lambda: self._watcher,
            want_sync=self._wanted.set,
        )
        self._synced_at: float | None = None
        self._error: str | None = None
        self._keeper = Keeper(self._inventory, kept)
        self._alerted = False
        self._ready = self._inventory.full_as_of is not None and not self._too_old(self._inventory.full_as_of)

    def watch(self, watcher: Watcher) -> None:
        """From now on `watcher` is told of every change."""
        self._watcher = watcher

    # --- what is known ---

    async def posture_of(self, udid: str) -> PostureAnswer:
        """What is known of a device, whatever the case of its UDID's letters; the UEM is asked about an unknown one.

        Raises RefusalError: `posture-unavailable` or `posture-stale`.
        """
        spelled, udid = udid, udid.lower()
        self._check_ready()
        as_of = self._inventory.as_of(udid)
        if not self._look_ups.is_unknown(udid) if as_of is None else self._too_old(as_of):
            await self._look_up(spelled, known=as_of is not None)
        await self._access.ask(udid)
        return self.known(udid)

    def known(self, udid: str) -> PostureAnswer:
        """The same, without asking anybody."""
        return self._known(udid.lower(), beyond=0.0)

    def known_of_live(self, udid: str) -> PostureAnswer:
        """The same for a device with an open tunnel, which may keep it for a while after posture became too old."""
        return self._known(udid.lower(), beyond=self._ages.live_beyond)

    def _known(self, udid: str, *, beyond: float) -> PostureAnswer:
        self._check_ready()
        revision, record = self._inventory.revision, self._inventory.record(udid)
        if record is None:
            return PostureAnswer(None, revision, 0.0)
        age = self._clock.running() - record.as_of
        if age > self.max_age + beyond:
            raise RefusalError(Reason.POSTURE_STALE, f"what is known of this device is {in_words(age)} old")
        alarm = self._inventory.alarm_of(record.posture)
        darkened = None if alarm is None else alarm.darken(record.posture)
        return PostureAnswer(
            record.posture, revision, age, darkened, self._access.is_blocked(udid, self.max_age + beyond)
        )

    def _check_ready(self) -> None:
        if not self._ready:
            raise RefusalError(Reason.POSTURE_UNAVAILABLE, "no device inventory could be read from the UEM yet")

    async def _look_up(self, spelled: str, *, known: bool) -> None:
        try:
            await self._look_ups.device(spelled)
        except UemError as error:
            if known:
                return  # what is known is too old, and the answer will say so
            raise RefusalError(Reason.POSTURE_UNAVAILABLE, "the UEM could not be asked about the device") from error

    # --- the tunnel service's block_access ---

    async def _keep_access(self) -> None:
        while True:
            await asyncio.sleep(60)
            if self._access.checked:
                await self.refresh_access()

    async def refresh_access(self) -> None:
        """Ask about the devices that have tunnels."""
        await self._access.refresh(self._watcher.devices_with_tunnels)

    # --- ages ---

    @property
    def max_age(self) -> float:
        """How old posture may be now, in seconds: more than usual during a maintenance."""
        return allowed_age(self._ages.max_age, self._maintenance, self._clock)

    def is_stale(self, udid: str) -> bool:
        """Whether something that must be known of a device is too old for another tunnel; `udid` is in lower case."""
        return self._is_older(udid, self._clock.running() - self.max_age)

    def _too_old(self, as_of: float) -> bool:
        return self._clock.running() - as_of > self.max_age

    def announce(self, until: float, reason: str) -> Maintenance:
        """A maintenance of the UEM until then (seconds since the epoch); one that is on gets another end, and the cap
        holds for the whole of it. Raises ValueError, and OSError where it cannot be kept."""
        maintenance = announced(until, reason, self._maintenance, self._ages.maintenance, self._clock)
        if self._kept is not None:
            try:
                self._kept.keep_maintenance(maintenance)
            except sqlite3.Error as error:
                raise OSError(f"the state file cannot be written: {error}") from error
        self._maintenance = maintenance
        logger.warning("posture: the UEM is in maintenance for %s: %s", in_words(maintenance.left(self._clock)), reason)
        return maintenance

    # --- what goes on ---

    async def run(self) -> None:
        """Synchronise, read again what events were about, and keep an eye on time, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._for_ever(self._synchronise))
            group.create_task(self._for_ever(self.desk.run))
            group.create_task(self._for_ever(self._keep_access))
            group.create_task(self._for_ever(self._look_at_time))
            group.create_task(self._for_ever(self._look_at_certificates))

    async def _for_ever(self, step: Callable[[], Awaitable[None]]) -> None:
        """What nobody foresaw ends nothing here: it is shown, and the step begins anew after a while."""
        while True:
            try:
                await step()
            except Exception:
                logger.exception("posture: a step failed")
            await asyncio.sleep(LOOK_EVERY)

    async def _synchronise(self) -> None:
        failures = 0
        while True:
            self._wanted.clear()
            await self.sync()
            if self._error is not None:
                failures += 1
                await asyncio.sleep(min(self._ages.every, 2.0 ** min(failures, 9)))
                continue
            failures = 0
            with suppress(TimeoutError):
                async with asyncio.timeout(self._ages.every):
                    await self._wanted.wait()

    async def sync(self) -> None:
        """One full synchronisation; what was known stays where it fails."""
        began = self._clock.running()
        try:
            await sweep(self._client, self._inventory, self._clock.running, self._many_changed)
        except UemError as error:
            self._failed(str(error))
        except Exception as error:  # whatever the UEM sends must not end the synchronisation for ever
            logger.exception("posture: the synchronisation failed")
            self._failed(f"internal error: {type(error).__name__}")
        else:
            await self._succeeded()
        self.desk.synchronised(None if self._error else began)

    def _failed(self, words: str) -> None:
        if self._error != words:
            logger.warning("posture: %s%s", words, "" if self._ready else "; nobody is admitted until it can be read")
        self._error = words

    async def _succeeded(self) -> None:
        if self._error is not None or not self._ready:
            logger.info("posture: %d devices read from the UEM", len(self._inventory))
        self._error, self._ready, self._alerted = None, True, False
        self._synced_at = self._clock.running()
        self._inventory.revision += 1
        self._look_ups.forget_unknown()
        with suppress(UemError):  # who was not asked about is missed again next time
            await look_up_missed(self._inventory, self._look_ups, self._watcher.devices_with_tunnels)
        await self._keeper.keep(complete=True)

    async def _look_at_time(self) -> None:
        every = min(LOOK_EVERY, max(0.05, self._ages.max_age / 10))
        while True:
            await asyncio.sleep(every)
            old = self._clock.running() - self.max_age - self._ages.live_beyond
            live = self._watcher.devices_with_tunnels
            await self._watcher.devices_changed([udid for udid in live if self._is_older(udid, old)])
            self._alert()
            if self._inventory.alarms_changed or (self._inventory.changed and self._synced_at is not None):
                await self._keeper.keep(complete=False)

    def _is_older(self, udid: str, moment: float) -> bool:
        """Whether something that must be known of a device is, where it is known at all, from before the moment."""
        record = self._inventory.record(udid)
        return record is None or record.as_of < moment or self._access.is_older(udid, moment)

    async def _look_at_certificates(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            await self._watcher.certificates_expired()  # may ask an authority, and take its time

    def _alert(self) -> None:
        if not self._is_half_gone() or self._alerted:
            return
        self._alerted = True
        age = self._clock.running() - (self._inventory.full_as_of or 0.0)
        words = "posture: the inventory is %s old; at %s nobody is admitted any more (%s)"
        logger.warning(words, in_words(age), in_words(self.max_age), self._error or "a synchronisation is on its way")

    def _is_half_gone(self) -> bool:
        full = self._inventory.full_as_of
        return self._ready and full is not None and self._clock.running() - full > self.max_age / 2

    def _changed(self, udid: str) -> None:
        self._watcher.device_changed(udid)

    async def _many_changed(self, udids: Iterable[str]) -> None:
        await self._watcher.devices_changed(udids)
        if len(self._inventory.changed) >= KEPT_AT_ONCE:  # a large fleet's first synchronisation
            await self._keeper.keep(complete=False)

    # --- for people ---

    @property
    def revision(self) -> int:
        """The number of the last change; 0 before the first."""
        return self._inventory.revision

    @property
    def age(self) -> float | None:
        """Seconds since the last whole synchronisation began; None before the first."""
        full = self._inventory.full_as_of
        return None if full is None or not self._ready else self._clock.running() - full

    @property
    def token_left(self) -> float | None:
        """Seconds until the UEM's access token ends; None before the first."""
        return self._client.token_left

    @property
    def maintenance_until(self) -> float:
        """The end of the maintenance that is on, in seconds since the epoch; 0 where none is."""
        on = self._maintenance_on()
        return 0.0 if on is None else self._clock.wall() + on.left(self._clock)

    def _maintenance_on(self) -> Maintenance | None:
        maintenance = self._maintenance
        return maintenance if maintenance is not None and maintenance.on(self._clock) else None

    def status(self) -> PostureStatus:
        full, on = self._inventory.full_as_of, self._maintenance_on()
        known = full is not None and self._ready
        return PostureStatus(
            state="unavailable" if not known else "stale" if self._too_old(full or 0.0) else "fresh",
            revision=self._inventory.revision,
            devices=len(self._inventory),
            sync_started_at=self._clock.text(full) if known and full is not None else None,
            synced_at=None if self._synced_at is None else self._clock.text(self._synced_at),
            error=self._error,
            age=round(self._clock.running() - full, 3) if known and full is not None else None,
            alert=self._is_half_gone(),
            alarms=len(self._inventory.alarms),
            events=self.desk.taken,
            to_read_again=self.desk.waiting,
            maintenance_until=None if on is None else self._clock.text(self._clock.running() + on.left(self._clock)),
            maintenance_reason=None if on is None else on.reason,
            unkept=self._keeper.failure,
        )

    async def close(self) -> None:
        await self._look_ups.close()
        await self._client.close()
