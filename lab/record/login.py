"""One login as each party saw it: the device's journal, the gateway's decisions, the providers' own logs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from lab.device import Path, Refusal
from lab.device.outcome import Outcome


class Provider(StrEnum):
    """Who keeps a log of sign-ins."""

    OKTA = "okta"
    ENTRA = "entra"


class LoginKind(StrEnum):
    """What the app wanted."""

    SIGN_IN = "sign-in"
    """A fresh start: no cookie, no token."""
    ACCESS = "access"
    """The same browser again, with the cookies that it has."""
    REFRESH = "refresh"
    """New tokens for a refresh token."""
    VISIT = "visit"
    """A page, without signing anybody in."""
    RESOURCE = "resource"
    """A call of an API with the access token."""


class At(StrEnum):
    """Whom an app wants to sign its user in at."""

    OKTA = "okta"
    CUSTOM_DOMAIN = "okta-custom-domain"
    """The same org by the company's own name."""
    ENTRA = "entra"
    OFFICE365 = "office365"
    """Entra, for a user of the domain that is federated to Okta."""
    SAMPLE = "sample-api"
    """Entra, for a token of the sample resource, by an app that understands claims challenges."""

    @property
    def words(self) -> str:
        """What people call it."""
        return _WORDS[self]


_WORDS: Final = {
    At.OKTA: "Okta",
    At.CUSTOM_DOMAIN: "Okta's custom domain",
    At.ENTRA: "Entra",
    At.OFFICE365: "federated Office 365",
    At.SAMPLE: "Entra, for the sample API",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One connection that the device's journal has.

    `opened_by` is the identifier of the app that opened it: a system browser or a broker opens pages for others.
    `source` is the address that the far end saw: the device's own, or an egress address; None where nothing left.
    `decision_id` is the gateway's record of it, where it has one; `failure` what kept it from its end, in words.
    """

    opened_by: str
    host: str
    port: int
    path: Path
    why: str
    source: str | None = None
    decision_id: str | None = None
    refusal: Refusal | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the gateway wrote down about one connection (docs/gateway.md, "The decision log").

    `host` and `udid` are None where the gateway did not come to know them; `posture_age` is seconds.
    """

    decision_id: str
    time: str
    admitted: bool
    stage: str
    reason: str
    detail: str | None = None
    host: str | None = None
    rule: str | None = None
    egress: str | None = None
    udid: str | None = None
    claimed_app: str | None = None
    posture_age: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a provider's own log: Okta's System Log, Entra's sign-in log.

    `result` is the provider's word (`ALLOW`, `DENY`, `SUCCESS`, … at Okta; `success`, `failure` at Entra), `code`
    Entra's error number. `by` is the rule of Okta's policy, or the conditional access policy that blocked; `zone` the
    zone that Okta found the address in.
    """

    provider: Provider
    time: datetime
    event: str
    address: str
    result: str
    reason: str = ""
    code: int | None = None
    by: str = ""
    zone: str = ""
    user: str = ""
    app: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One login of one app. `step` is the number of the step that caused it.

    `app` is the app's identifier on this platform, `app_name` what people call it, `surface` who shows its login page;
    `at` is whom it wanted to reach: an `At`, or the host of a page. `words` are the provider's own where it spoke, or
    what kept the app from it.
    `asked` is what the person was asked for (password, code); `challenged`, whether an API wanted another token.
    """

    number: int
    step: int
    kind: LoginKind
    device: str
    platform: str
    app: str
    app_name: str
    surface: str
    at: str
    user: str
    time: datetime
    connections: tuple[Connection, ...]
    decisions: tuple[Decision, ...]
    entries: tuple[Entry, ...]
    outcome: Outcome
    words: str = ""
    asked: tuple[str, ...] = ()
    challenged: bool = False
    refusal: Refusal | None = None

    def seen_by(self, provider: Provider) -> tuple[Entry, ...]:
        """What one provider wrote down, oldest first."""
        return tuple(entry for entry in self.entries if entry.provider is provider)
