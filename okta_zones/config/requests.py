"""`requests`: how patient okta-zones is with a far end, and how it spaces what it asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le

from dtr_rules import source
from okta_zones.exchange.limits import Limits


@dataclass(frozen=True, slots=True)
class RequestSettings:
    """`graph_interval`: seconds between two requests to one tenant."""

    limits: Limits
    graph_interval: float


class RequestsEntry(source.Model):
    """`requests`."""

    answer_within: Annotated[source.Duration, Ge(1), Le(3600)] = 120.0
    longest_wait: Annotated[source.Duration, Ge(1), Le(3600)] = 90.0
    attempts: Annotated[int, Ge(1), Le(20)] = 5
    graph_interval: Annotated[source.Duration, Ge(0), Le(60)] = 1.0


def read_requests(entry: RequestsEntry) -> RequestSettings:
    """The limits that the file sets, or the usual ones."""
    limits = Limits(
        silence=min(60.0, entry.answer_within),
        answer=entry.answer_within,
        longest_wait=entry.longest_wait,
        attempts=entry.attempts,
    )
    return RequestSettings(limits, entry.graph_interval)
