"""What the tenant can be told: where the real behaviour is not confirmed, and how its service fares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Outage(StrEnum):
    """How the service is away. The operator's own paths still answer, but where connections are refused."""

    REFUSED = "refused"
    """Nobody listens: connections are refused."""
    UNAVAILABLE = "unavailable"
    """Every call is answered with 503."""
    SILENT = "silent"
    """Every call is taken and never answered."""


@dataclass(frozen=True, slots=True)
class Knobs:
    """Turned at any time with `Tenant.turn`; the defaults are what a demo wants."""

    requests_per_minute: int = 1000
    """REST calls in a minute of all clients together; the default of the product, says its Go SDK."""

    outage: Outage | None = None
    """How the service is away; None while it is there."""

    latency: timedelta = timedelta(0)
    """How long every call of the REST API and of the devices' channel takes, in real time."""

    inventory_lag: timedelta = timedelta(0)
    """How old the inventory is that the REST API shows: changes before it was turned on are seen."""

    publish_unchanged_platforms: bool = True
    """Whether Save and Publish also reaches the profiles of platforms whose rules have not changed. Documented is
    that a change for Android reaches iOS, too."""

    check_every: timedelta = timedelta(hours=4)
    """When the next compliance check is said to come; a check-in is judged at once. Not confirmed."""

    revocation_action_type: str = "Unknown"
    """What `ActionTaken` calls the revocation of Entra tokens: the API's list of actions has no word for it."""

    event_retries: int = 0
    """How often an event notification is sent again that failed. Not confirmed."""

    event_retry_after: timedelta = timedelta(minutes=5)
    """How long after a failure an event notification is sent again."""

    event_timeout: timedelta = timedelta(seconds=10)
    """How long the receiver of an event may take, in real time. Not confirmed."""

    event_decimals: int = 7
    """Decimals of the seconds in `EventTime`: 5 and 7 have been seen."""

    wiped_event_type: str = "Device Wipe"
    deleted_event_type: str = "Device Delete"
    """`EventType` of a device wipe and of a deletion. The words of the console's tick boxes; not confirmed."""
