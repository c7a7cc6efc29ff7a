"""The full synchronisation: every page of the inventory, and a single look at each device that is suddenly missing.

Paging is no snapshot: while pages are read, devices come and go, and one can slip from a page that is still to come to
one that was read. So nobody is dropped because a page did not have him.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Final

from tunnel_gateway.posture.errors import UemError, UnusableAnswerError
from tunnel_gateway.posture.inventory import Inventory
from tunnel_gateway.posture.look_ups import LookUps
from tunnel_gateway.posture.uem import MAX_PAGES, PAGE_SIZE, UemClient

MISSED_AT_ONCE: Final = 200
"""Missing devices that are looked up after one synchronisation; the rest come after the next ones."""

Changed = Callable[[Iterable[str]], Awaitable[None]]


async def sweep(client: UemClient, inventory: Inventory, running: Callable[[], float], changed: Changed) -> None:
    """Read every page into the inventory; `changed` is told of each page's changes.

    Raises UemError where a page cannot be read, or where fewer devices came than the UEM says there are: what was read
    counts, but nothing is concluded from what was not.
    """
    inventory.sweep += 1
    began, records, total = running(), 0, 0
    for number in range(MAX_PAGES):
        asked = running()
        page = await client.page(number)
        records += page.records
        total = page.total or total  # behind the last page there is an answer without a body
        await changed([each.udid for each in page.devices if inventory.read(each, asked, swept=True)])
        if records >= total or not page.records:
            break
    else:
        raise UemError(f"the device search did not end within {MAX_PAGES} pages of {PAGE_SIZE}")
    if records < total:
        raise UemError(f"the device search ended after {records} of {total} devices")
    inventory.full_as_of = began


async def look_up_missed(inventory: Inventory, look_ups: LookUps, first: Iterable[str]) -> None:
    """Ask the UEM about devices that the last synchronisation did not have; those of `first` before the others.

    Raises UemError where the UEM does not answer at all; who was not asked about stays as he was, and ages.
    """
    missed = dict.fromkeys(inventory.missed())
    ahead = [udid for udid in first if udid in missed]
    for udid in list(dict.fromkeys([*ahead, *missed]))[:MISSED_AT_ONCE]:
        with suppress(UnusableAnswerError):
            await look_ups.read(udid, urgent=False)
        await asyncio.sleep(0)
