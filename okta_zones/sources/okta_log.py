"""A source that is Okta's own System Log: the address that Okta recorded for the last sign-in of a test user."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from okta_zones.addresses import AddressError, parse_addresses
from okta_zones.errors import StrangeAnswerError, UnreachableError
from okta_zones.exchange import Exchange
from okta_zones.okta.system_log import last_sign_in_of
from okta_zones.okta.transport import SERVICE
from okta_zones.other_writers import far_end_now
from okta_zones.sources.report import Report
from okta_zones.unreadable import Unreadable


@dataclass(frozen=True, slots=True)
class OktaLog:
    """The newest sign-in of `user` in the org of `target`, not older than `within` seconds."""

    target: str
    exchange: Exchange = field(repr=False)
    user: str
    within: float

    @property
    def key(self) -> str:
        return f"okta-log {self.target} {self.user}"

    @property
    def title(self) -> str:
        return f"the System Log of {self.target} on {self.user}"

    def report(self) -> Report:
        """Ask the log. Raises FarEndError, also when it tells of no sign-in, or may not be read."""
        found = last_sign_in_of(self.exchange, self.user, far_end_now(self.exchange) - timedelta(seconds=self.within))
        if isinstance(found, Unreadable):
            raise UnreachableError(SERVICE, str(found), passing=False)
        if found is None:
            message = f"no sign-in of {self.user} in the last {timedelta(seconds=self.within)}"
            raise UnreachableError(SERVICE, message, passing=False)
        try:
            return Report(f"{self.title} (at {found.at})", parse_addresses(found.address))
        except AddressError as error:
            raise StrangeAnswerError(SERVICE, f"the System Log tells of a sign-in from {error}") from None
