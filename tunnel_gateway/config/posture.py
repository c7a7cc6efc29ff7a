"""Where posture comes from, what its words mean here, and how old it may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from dtr_rules import Platform
from dtr_rules.source import Model
from tunnel_gateway.admission import MUST_REPORT_COMPROMISED, Treatment
from tunnel_gateway.config.fields import Count, Endpoint, File, Time, Url
from tunnel_gateway.config.identity import Tls

Text = Annotated[str, Field(min_length=1)]
Decision = Literal[Treatment.REFUSE, Treatment.ADMIT]


class Uem(Model):
    """The UEM's API. `ca_file` is for a private authority; without it the system's authorities count.

    `requests_per_minute` bounds requests of all kinds together; the product's own limit is 1,000 by default.
    """

    url: Url
    token_url: Url
    client_id: Text
    client_secret_file: File
    tenant_code_file: File
    ca_file: File | None = None
    requests_per_minute: Count = 600


class ComplianceTable(Model):
    """What the UEM's compliance values mean here. `compliant` admits; `not-compliant` and `blocked` refuse.

    The first four are doubtful: there is no default, and the gateway does not run until each is decided. `pending`
    stands for both of the UEM's pending values.
    """

    pending: Treatment | None = None
    not_available: Treatment | None = None
    unknown: Treatment | None = None
    quarantined: Treatment | None = None
    not_applicable: Treatment = Treatment.REFUSE
    allowed: Treatment = Treatment.REFUSE
    registration_active: Treatment = Treatment.REFUSE
    registration_expired: Treatment = Treatment.REFUSE


class LiveOnStale(Model):
    """How long an open tunnel outlives the age of its device's posture; not at all without `keep_for`."""

    keep_for: Time | None = None

    @model_validator(mode="before")
    @classmethod
    def _cut(cls, value: Any) -> Any:
        return {} if value == "cut" else value


class Events(Model):
    """The listener for the UEM's event notifications. Without `tls` it may only listen on loopback.

    `hosts` are the names by which the UEM calls it, beside the address.
    """

    listen: Endpoint
    tls: Tls | None = None
    hosts: tuple[Text, ...] = ()
    user: Annotated[str, Field(min_length=1, pattern="^[^:]*$")]
    password_file: File


def _compromised_unknown() -> dict[Platform, Decision]:
    return {each: Treatment.REFUSE if each in MUST_REPORT_COMPROMISED else Treatment.ADMIT for each in Platform}


class Posture(Model):
    """Where posture comes from, how often it is read, how old it may be, and what admits."""

    uem: Uem
    sync_every: Time = 300.0
    max_age: Time = 12 * 3600.0
    longest_maintenance: Time = 24 * 3600.0
    live_on_stale: LiveOnStale = LiveOnStale()
    compliance: ComplianceTable = ComplianceTable()
    compromised_unknown: Mapping[Platform, Decision] = Field(default_factory=_compromised_unknown)
    block_access: Literal["check", "ignore"] = "check"
    events: Events | None = None
