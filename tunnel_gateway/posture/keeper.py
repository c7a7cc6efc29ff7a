"""Write behind what becomes known, so that a restart knows it, too; what cannot be written waits for the next turn."""

from __future__ import annotations

import asyncio
import logging
import sqlite3

from tunnel_gateway.posture.inventory import Inventory
from tunnel_gateway.posture.kept import CHUNK, KeptPosture

logger = logging.getLogger(__name__)


class Keeper:
    """Between the inventory and the state file. `kept` is None where nothing is to outlive the process."""

    def __init__(self, inventory: Inventory, kept: KeptPosture | None) -> None:
        self._inventory = inventory
        self._kept = kept
        self._one_at_a_time = asyncio.Lock()
        self.failure: str | None = None
        """Why the last attempt failed, if it did."""

    async def keep(self, *, complete: bool) -> None:
        """Write what changed, in a thread; `complete` when a full synchronisation has found its end."""
        if self._kept is None:
            self._inventory.changed.clear()
            return
        async with self._one_at_a_time:
            try:
                await self._write(self._kept, complete=complete)
            except sqlite3.Error as error:
                self._inventory.alarms_changed = True
                if self.failure is None:
                    logger.warning("posture: the state file cannot be written (%s); a restart would know less", error)
                self.failure = str(error)
            else:
                self.failure = None

    async def _write(self, kept: KeptPosture, *, complete: bool) -> None:
        changed = self._inventory.changed
        if complete:
            kept.renew(self._inventory)
        while changed:
            udids = [changed.pop() for _ in range(min(CHUNK, len(changed)))]
            try:
                await asyncio.to_thread(kept.write, kept.batch(self._inventory, udids))
            except sqlite3.Error:
                changed.update(udids)
                raise
        await asyncio.to_thread(kept.write, kept.last(self._inventory))
