"""The word of the UEM's tunnel service, `block_access`: of each device that is here, asked once an hour.

The inventory does not have it, so it is known of those devices alone that have connected, and has an age of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

from tunnel_gateway.posture.errors import UemError
from tunnel_gateway.posture.inventory import Inventory
from tunnel_gateway.posture.look_ups import LookUps
from tunnel_gateway.reasons import Reason, RefusalError

ACCESS_EVERY: Final = 3600.0
"""Seconds after which the tunnel service is asked again about a device that is here."""


class TunnelAccess:
    """What the tunnel service said, where it is `checked` at all. `running` gives running seconds."""

    def __init__(self, inventory: Inventory, look_ups: LookUps, *, running: Callable[[], float], checked: bool) -> None:
        self._inventory = inventory
        self._look_ups = look_ups
        self._running = running
        self.checked = checked

    def is_blocked(self, udid: str, max_age: float) -> bool:
        """Raises RefusalError where its word is not known, or older than `max_age` seconds."""
        if not self.checked:
            return False
        access = self._inventory.access(udid)
        if access is None or self._running() - access.as_of > max_age:
            words = "the UEM's tunnel service could not be asked whether it blocks the device"
            raise RefusalError(Reason.POSTURE_UNAVAILABLE, words)
        return access.blocked

    def is_older(self, udid: str, moment: float) -> bool:
        """Whether a word that is needed is missing, or from before the moment."""
        access = self._inventory.access(udid)
        return self.checked and (access is None or access.as_of < moment)

    async def ask(self, udid: str) -> None:
        """Have it asked about a device that connects, where that is due; what is missing then is a refusal."""
        record, access = self._inventory.record(udid), self._inventory.access(udid)
        if not self.checked or record is None:
            return
        if access is None or self._running() - access.as_of > ACCESS_EVERY:
            with suppress(UemError):
                await self._look_ups.access(udid, record.posture.uuid)

    async def refresh(self, udids: Iterable[str]) -> None:
        """Ask about these devices, where that is due; a failure about one of them says nothing about the next."""
        old = self._running() - ACCESS_EVERY
        for udid in udids:
            record, access = self._inventory.record(udid), self._inventory.access(udid)
            if record is not None and (access is None or access.as_of < old):
                with suppress(UemError):  # what is known ages
                    await self._look_ups.read_access(udid, record.posture.uuid, urgent=False)
