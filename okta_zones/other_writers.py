"""Who else wrote to a zone while we did: found in the System Log afterwards, for it cannot be prevented.

Okta has no ETag: a change that somebody made between our last read and our PUT is overwritten, and one between our PUT
and theirs may have overwritten ours. Ours are as many changes by our User-Agent as we sent; all others are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from okta_zones.errors import Refusal, RefusedError
from okta_zones.exchange import Exchange
from okta_zones.exchange.user_agent import user_agent
from okta_zones.okta.system_log import ZoneChange, zone_changes
from okta_zones.unreadable import Unreadable

SLACK: Final = 0.05
"""Seconds: the log tells milliseconds."""


def far_end_now(exchange: Exchange) -> datetime:
    """The time by the far end's clock, at most a second early: it tells whole seconds."""
    return datetime.fromtimestamp(exchange.far_time(), UTC)


def other_changes(
    exchange: Exchange, zone_id: str, since: datetime, writes: Sequence[float]
) -> tuple[ZoneChange, ...] | Unreadable:
    """The changes of the zone since then (by Okta's clock) that are not the `writes` we sent. Raises FarEndError.

    A write is told as the seconds from the last read before it to its answer. Okta's clock is known to the second only,
    but its log tells when our own write came in: whatever others did earlier than that many seconds before it, our
    last read has seen.
    """
    changes = zone_changes(exchange, zone_id, since)
    if isinstance(changes, Unreadable):
        return changes
    own = [change for change in changes if change.user_agent == user_agent()]
    own = own[max(len(own) - len(writes), 0) :]
    others = [change for change in changes if change not in own]
    if not own or not writes:
        return tuple(others)
    start = _time(own[-1]) - timedelta(seconds=writes[-1] + SLACK)
    return tuple(change for change in others if _time(change) >= start)


def _time(change: ZoneChange) -> datetime:
    """When it was; one that does not say counts as new."""
    try:
        return datetime.fromisoformat(change.at).astimezone(UTC)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)


def refusal_of(title: str, changes: tuple[ZoneChange, ...]) -> RefusedError:
    """What to say of them."""
    who = "; ".join(f"{change.event_type} by {change.actor} at {change.at}" for change in changes)
    message = (
        f"{title} was changed by somebody else while we wrote ({who}): their change or ours may be lost; "
        "compare the zone with the lists before and after the write (show --history)"
    )
    return RefusedError(Refusal.OTHER_WRITER, message)
