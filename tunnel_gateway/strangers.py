"""How much of the decision log a stranger may cause.

What has no identity behind it can be sent by anybody, so such refusals are counted out to each source: a stranger's
traffic cannot fill the disk. What was left out is told by the next line that is written for that source.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final

BURST: Final = 20
REFILL: Final = 0.5
"""Lines a second that a source regains, up to BURST."""
MAX_SOURCES: Final = 4096
EVERYBODY: Final = 20
"""How many times one source's share all sources together have."""


class StrangerLimit:
    """How many lines each source without an identity may still cause, and all of them together.

    A source is an IPv4 address or an IPv6 network of 64 bits, which is what one customer gets. Times are seconds of one
    monotonic clock.
    """

    def __init__(self) -> None:
        self._sources: OrderedDict[str, _Share] = OrderedDict()
        self._all = _Share(float(BURST * EVERYBODY), 0.0)

    def admit(self, source: str, now: float) -> int | None:
        """How many lines were left out for this source before this one; None when this one is left out as well."""
        source = network_of(source)
        share = self._sources.pop(source, None) or _Share(float(BURST), now)
        self._sources[source] = share
        while len(self._sources) > MAX_SOURCES:
            self._sources.popitem(last=False)
        if not share.regain(now, 1) or not self._all.regain(now, EVERYBODY):
            share.left_out += 1
            return None
        share.tokens -= 1.0
        self._all.tokens -= 1.0
        left_out, share.left_out = share.left_out, 0
        return left_out


@dataclass(slots=True)
class _Share:
    """Tokens, as of `last`, and how many lines were left out since the last one that was written."""

    tokens: float
    last: float
    left_out: int = 0

    def regain(self, now: float, times: int) -> bool:
        """Add what has come since; whether there is a token now."""
        self.tokens = min(float(BURST * times), self.tokens + (now - self.last) * REFILL * times)
        self.last = now
        return self.tokens >= 1.0


def network_of(source: str) -> str:
    """What counts as one source: the IPv4 address, or the IPv6 network of 64 bits."""
    try:
        address = ip_address(source)
    except ValueError:
        return source
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else source
