"""The table of a replay: visits added up by destination and decision, within a bounded number of rows."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Final

from dtr_rules.model import Platform
from dtr_rules.replay.judge import Ruling, is_quic_to_tunnelled
from dtr_rules.replay.visit import NamedBy, Transport, Visit

MAX_ROWS: Final = 10_000
_FOLDED_AT_ONCE: Final = 4
"""A quarter of the rows goes at a time, those with the fewest bytes."""


@dataclass(frozen=True, slots=True)
class Destination:
    """What makes a row. `host` is None for the sum of hosts that had too little traffic for rows of their own; its
    `port` is None then, too."""

    host: str | None
    port: int | None
    transport: Transport
    platform: Platform | None
    app: str | None
    ruling: Ruling
    apart: bool
    """UDP 443 to a tunnelled host: counted apart."""


@dataclass(slots=True)
class Sums:
    """What came together. Bytes as the captures count them."""

    count: int = 0
    packets: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    encrypted_client_hello: int = 0
    named_by: Counter[NamedBy] = field(default_factory=Counter)

    @property
    def bytes(self) -> int:
        return self.bytes_up + self.bytes_down

    def add(self, other: Sums | Visit) -> None:
        self.count += other.count
        self.packets += other.packets
        self.bytes_up += other.bytes_up
        self.bytes_down += other.bytes_down
        self.encrypted_client_hello += int(other.encrypted_client_hello)
        self.named_by.update(other.named_by if isinstance(other, Sums) else {other.named_by: other.count})


class Tally:
    """Rows by destination. Sums stay exact: rows that are let go are added to one row for each decision."""

    def __init__(self, limit: int = MAX_ROWS) -> None:
        self.rows: dict[Destination, Sums] = {}
        self.folded = 0
        """Rows that were let go."""
        self._limit = limit

    def add(self, visit: Visit, ruling: Ruling) -> None:
        apart = is_quic_to_tunnelled(visit.transport, visit.port, ruling)
        place = (str(visit.host), visit.port, visit.transport, visit.platform, visit.app)
        destination = Destination(*place, ruling, apart)
        sums = self.rows.get(destination)
        if sums is None:
            sums = self.rows[destination] = Sums()
        sums.add(visit)
        if len(self.rows) > self._limit:
            self._fold()

    def _fold(self) -> None:
        named = ((destination, sums) for destination, sums in self.rows.items() if destination.host is not None)
        count = max(1, self._limit // _FOLDED_AT_ONCE)
        for destination, sums in heapq.nsmallest(count, named, key=lambda row: row[1].bytes):
            del self.rows[destination]
            rest = replace(destination, host=None, port=None, platform=None, app=None)
            rest = replace(rest, ruling=_without_pattern(rest.ruling))
            self.rows.setdefault(rest, Sums()).add(sums)
            self.folded += 1


def _without_pattern(ruling: Ruling) -> Ruling:
    """Rules may have more patterns than the table has rows; the decision is the same."""
    decision, against = ruling.decision, ruling.against
    return replace(
        ruling,
        decision=None if decision is None else replace(decision, destination=None),
        against=None if against is None else replace(against, destination=None),
    )
