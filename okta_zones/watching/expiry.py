"""Which credentials and certificates have ended or end soon, as far as that can be read.

Okta's API tokens are not among them: every use gives one thirty days more (Okta API docs, "API Tokens").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from okta_zones.config import EntraSettings
from okta_zones.config.entra_credential import AppCertificate, AppSecret
from okta_zones.doctor.expiry import SOON
from okta_zones.graph.app_secrets import newest_secret_ends
from okta_zones.opening import Opened
from okta_zones.watching.event import Event, Kind

EVERY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Expiry:
    """What ends when, of which target."""

    target: str
    what: str
    ends: datetime

    def event(self, now: datetime) -> Event | None:
        """What to tell of it; nothing while it is good for more than 45 days."""
        if self.ends - now > SOON:
            return None
        verb = "ended" if self.ends <= now else "ends"
        return Event(Kind.EXPIRES, f"{self.what} {verb} on {self.ends:%Y-%m-%d}; put a new one in place", self.target)


def expiries(targets: Sequence[Opened]) -> Iterator[Expiry]:
    """Everything whose end is known. Raises FarEndError."""
    for opened in targets:
        if not isinstance(opened.settings, EntraSettings):
            continue
        credential = opened.settings.credential
        if isinstance(credential, AppCertificate):
            yield Expiry(opened.name, "the certificate", credential.certificate.not_valid_after_utc)
        elif isinstance(credential, AppSecret):
            ends = newest_secret_ends(opened.far_end.exchange, credential.client_id)
            if isinstance(ends, datetime):
                yield Expiry(opened.name, "the newest client secret", ends)
