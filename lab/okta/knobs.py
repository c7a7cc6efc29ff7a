"""What the emulator can be told, where the real behaviour is not confirmed or differs between orgs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """Size of each rate limit bucket that `bucket_sizes` does not name. The real numbers depend on the org."""

    bucket_sizes: Mapping[str, int] = field(default_factory=dict)
    """Sizes of single buckets, such as `{"/api/v1/logs": 120}`."""

    principal_share: float = 0.5
    """The part of a bucket that one API token or service app may use: half of it, where nobody changed it."""

    concurrent_requests: int = 75
    """Management calls in flight at once; the next one gets 429 with a limit of 0. Integrator orgs have 35."""

    manage_includes_read: bool = False
    """Whether `okta.x.manage` opens what asks for `okta.x.read`. The API's description names only the read scope."""

    scope_error_has_body: bool = True
    """Whether the 403 for a missing scope has the documented body; users have seen an empty one. The
    `WWW-Authenticate` field is there in any case."""

    nonce_challenge_spends_assertion: bool = False
    """Whether the token request that is told to use a DPoP nonce has used up its client assertion. Not confirmed."""

    simulate: bool = True
    """Whether the org has `policies/simulate`, which is of limited availability."""

    zone_page_size: int = 20
    """Entries of a zone list's page when the request names no limit (observed by users of the API)."""

    refresh_grace: timedelta = timedelta(seconds=30)
    """How long a refresh token still works after it was rotated: 0 to 60 seconds, 30 by default."""

    priority_reconciliation: timedelta = timedelta(0)
    """How long after a write to a policy's rules further writes to them get 423. Seen with writes at once."""

    log_delay: timedelta = timedelta(0)
    """How long an event takes until the System Log's API shows it: seconds in practice. Not confirmed."""

    most_zones: int = 100
    """Zones of an org; stated by earlier editions of Okta's help, the present one gives no number."""

    most_zone_entries: int = 150
    most_blocklist_entries: int = 1000
    most_system_zone_entries: int = 5000
    most_entries_of_all_zones: int = 25_000
    """Entries, `gateways` and `proxies` each, in a zone, a blocklist, a system zone; and in all IP zones together."""

    anonymizers: tuple[str, ...] = ()
    """Networks that the world takes for anonymizers: enhanced dynamic zones know them as ALL_ANONYMIZERS."""

    idempotent_lifecycle: bool = True
    """Whether suspending a suspended device, and so on, is 204; else it is 403 E0000152. Not confirmed."""

    denial_is_redirected: bool = True
    """Whether an app learns of a policy's denial by a redirect; else the person sees a page, and the app nothing."""

    ssws_needs_space: bool = True
    """Whether `Authorization: SSWStoken`, as version 3.4.6 of Okta's own SDK for Python sends it, is refused.
    Not confirmed."""

    client_requests_per_minute: int | None = 60
    """Requests for the sign-in page of one client, from one address, with one device cookie; None for no limit."""

    embeds_resource_type: bool = True
    """Whether the account management policy says so under `_embedded`: documented, and more than version 3.4.6 of
    Okta's own SDK for Python can read."""
