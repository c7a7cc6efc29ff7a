"""How often a source may give a wrong password: after a few, it is not even compared for a while."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from tunnel_gateway.strangers import StrangerLimit, network_of

LOCKED_FOR: Final = 60.0
"""Seconds."""
MAX_SOURCES: Final = 4096


class LogInLimit:
    """Failed log-ins by source, an IPv4 address or an IPv6 network of 64 bits.

    Times are seconds of one monotonic clock.
    """

    def __init__(self) -> None:
        self._failed = StrangerLimit()
        self._locked: OrderedDict[str, float] = OrderedDict()

    def is_locked(self, source: str, now: float) -> bool:
        return self._locked.get(network_of(source), now) > now

    def failed(self, source: str, now: float) -> None:
        if self._failed.admit(source, now) is not None:
            return
        network = network_of(source)
        self._locked[network] = now + LOCKED_FOR
        self._locked.move_to_end(network)
        if len(self._locked) > MAX_SOURCES:
            self._locked.popitem(last=False)
