"""What the emulator can be told, where the real behaviour is not confirmed or would only slow a demo down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Knobs:
    """Set when the world is built; the defaults are what a demo wants."""

    location_delay: timedelta = timedelta(0)
    """How long a write to a named location takes until sign-ins notice it."""

    read_lag: timedelta = timedelta(0)
    """How long reads show the old and the new version of a location by turns: seconds, in users' reports."""

    graph_page_size: int = 100
    """Objects in a page of a Graph list, where the request asks for no `$top`. Not confirmed."""

    throttle: timedelta | None = None
    """The least time between two calls to conditional access: documented as one call a second for a tenant's apps
    together, answered with 429 and no Retry-After. None lets everything through."""

    keep_locations_in_use: bool = True
    """Whether Graph refuses to delete a location that a policy names. Not confirmed."""

    revocation_delay: timedelta = timedelta(0)
    """How long `revokeSignInSessions` takes: a few minutes, the documentation says."""

    sign_in_log_delay: timedelta = timedelta(0)
    """How long a sign-in takes until the log shows it: minutes in practice."""

    premium: bool = True
    """Whether the tenant has Entra ID P1 or P2, which reading the sign-in log needs."""
