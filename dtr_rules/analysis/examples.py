"""Example hosts."""

from __future__ import annotations

from dtr_rules.analysis.boxes import where_of
from dtr_rules.analysis.budget import Budget
from dtr_rules.analysis.plane import plane
from dtr_rules.analysis.spots import find_spot
from dtr_rules.destinations import Destination
from dtr_rules.hosts import Host


def example(pattern: Destination, *, wildcard_matches_apex: bool = False) -> Host | None:
    """A readable host that `pattern` matches and that reaches the rules; None where there is none, a proof.

    A loopback host never reaches the rules. For a range of loopback addresses it is a name, which would
    have to resolve to one.
    """
    where = where_of(pattern, wildcard_matches_apex=wildcard_matches_apex)
    spot = find_spot(plane(1), [where], [], Budget())
    return None if spot is None else spot.host
