"""What the emulator can be told, where the real behaviour is not confirmed or differs between orgs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Knobs:
    """Set when the world is built; the defaults are what a demo wants."""

    zone_delay: timedelta = timedelta(0)
    """How long a zone write takes until sign-ins notice it. Okta's help speaks of about 60 seconds."""

    identical_put_counts: bool = True
    """Whether a PUT that changes nothing of a custom zone moves `lastUpdated`, and is logged. Unconfirmed."""

    ipv6_zones: bool = False
    """Whether zones take IPv6 addresses: a beta of preview cells; production orgs do not have it."""

    requests_per_minute: int = 600
    """Size of each rate limit bucket. The real numbers depend on the org."""

    zone_page_size: int = 20
    """Entries of a zone list's page when the request names no limit (observed by users of the API)."""

    refresh_grace: timedelta = timedelta(seconds=30)
    """How long a refresh token still works after it was rotated: 0 to 60 seconds, 30 by default."""
