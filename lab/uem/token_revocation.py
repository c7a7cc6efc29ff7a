"""The tenant's integration with Entra: orders of compliance policies to revoke somebody's sign-ins there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from lab.uem.compliance.violation import Taken
from lab.uem.measures import TokenOrder

Revoke = Callable[[str], Awaitable[None]]
"""Revokes the sign-ins of the user with this address at Entra. Raises httpx.HTTPError."""


@dataclass(frozen=True, slots=True)
class TokenRevocation:
    """What came of an order; `error` is empty where it was carried out."""

    at: datetime
    user: str
    policy: str
    error: str = ""


@dataclass(slots=True)
class TokenRevocations:
    """`revoke` is the way to Entra; without one every order fails, and says so. `done` is the record."""

    now: Callable[[], datetime]
    revoke: Revoke | None = None
    done: list[TokenRevocation] = field(default_factory=list)

    async def carry_out(self, orders: list[TokenOrder], word: str) -> None:
        """Empty the list of orders. `word` is what ActionTaken will call those that succeed."""
        while orders:
            order = orders.pop(0)
            user = order.device.user_email
            error = await self._attempt(user)
            self.done.append(TokenRevocation(self.now(), user, order.violation.policy.name, error))
            if not error:
                order.violation.taken.append(Taken(order.action, word, self.now()))

    async def _attempt(self, user: str) -> str:
        """What went wrong; empty where nothing did."""
        if self.revoke is None:
            return "the tenant has no integration with Entra"
        try:
            await self.revoke(user)
        except httpx.HTTPError as error:
            return str(error) or type(error).__name__
        return ""
