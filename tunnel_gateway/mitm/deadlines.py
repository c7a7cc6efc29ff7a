"""What a connection is to do at some time: most of it is never due, so all of it shares one timer of the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Final

_EARLY: Final = 0.001
"""Seconds by which something may come too early: less than anybody notices, more than the loop's clock errs."""


class Deadlines:
    """Things to do, each under a name, which has one time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._due: dict[Hashable, tuple[float, Callable[[], None]]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def set(self, name: Hashable, delay: float, act: Callable[[], None]) -> None:
        """Call `act` in `delay` seconds, unless the name is set again or dropped before."""
        at = self._loop.time() + delay
        self._due[name] = at, act
        self._watch(at)

    def drop(self, name: Hashable) -> None:
        """The timer stays: to ring once in vain is cheaper than to be set for what comes next."""
        self._due.pop(name, None)

    def clear(self) -> None:
        self._due.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _watch(self, at: float) -> None:
        if self._timer is not None:
            if self._timer.when() <= at:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(at, self._ring)

    def _ring(self) -> None:
        self._timer, now = None, self._loop.time() + _EARLY
        later = [at for at, _ in self._due.values() if at > now]
        if later:
            self._watch(min(later))
        for name, (at, act) in sorted(self._due.items(), key=lambda item: item[1][0]):
            if at <= now and self._due.get(name) == (at, act):  # what came before it may have dropped it
                del self._due[name]
                act()
