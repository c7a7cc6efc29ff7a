"""What each verb may ask for: Okta's OAuth scopes and Graph's application permissions, as few as do the work.

What is *required* must be granted, or the verb cannot run. What is *useful* is asked for and done without where it
is not granted; the verb then says what it could not look at. A verb that only reads never asks for a scope that
writes. (Okta: https://developer.okta.com/docs/api/oauth2/; Graph: the permissions reference.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

ZONES_READ: Final = "okta.networkZones.read"
ZONES_MANAGE: Final = "okta.networkZones.manage"
POLICIES_READ: Final = "okta.policies.read"
LOGS_READ: Final = "okta.logs.read"
APPS_READ: Final = "okta.apps.read"
API_TOKENS_READ: Final = "okta.apiTokens.read"
THREAT_INSIGHT_READ: Final = "okta.threatInsights.read"
APP_GRANTS_READ: Final = "okta.appGrants.read"

POLICY_READ: Final = "Policy.Read.All"
POLICY_WRITE: Final = "Policy.ReadWrite.ConditionalAccess"
SIGN_INS_READ: Final = "AuditLog.Read.All"
APPLICATION_READ: Final = "Application.Read.All"


class Verb(StrEnum):
    """The verbs that talk to a far end."""

    SHOW = "show"
    DOCTOR = "doctor"
    PLAN = "plan"
    APPLY = "apply"
    ADOPT = "adopt"
    RETIRE = "retire"
    ROTATE = "rotate"
    WATCH = "watch"


@dataclass(frozen=True, slots=True)
class Needs:
    """Names of scopes or permissions, in the order in which they are asked for."""

    required: tuple[str, ...]
    useful: tuple[str, ...] = ()


_OKTA_WRITES: Final = Needs(
    (ZONES_READ, ZONES_MANAGE),
    (POLICIES_READ, LOGS_READ, API_TOKENS_READ, APPS_READ, THREAT_INSIGHT_READ),
)
_OKTA_READS: Final = Needs((ZONES_READ,), (POLICIES_READ, LOGS_READ, API_TOKENS_READ, APPS_READ, THREAT_INSIGHT_READ))

OKTA: Final[Mapping[Verb, Needs]] = {
    Verb.SHOW: Needs((ZONES_READ,), (POLICIES_READ,)),
    Verb.DOCTOR: Needs(
        (ZONES_READ,),
        (POLICIES_READ, LOGS_READ, API_TOKENS_READ, APPS_READ, THREAT_INSIGHT_READ, APP_GRANTS_READ),
    ),
    Verb.PLAN: _OKTA_READS,
    Verb.ADOPT: Needs((ZONES_READ,)),
    Verb.APPLY: _OKTA_WRITES,
    Verb.RETIRE: _OKTA_WRITES,
    Verb.ROTATE: _OKTA_WRITES,
    Verb.WATCH: _OKTA_WRITES,
}

_ENTRA_WRITES: Final = Needs((POLICY_READ, POLICY_WRITE), (SIGN_INS_READ,))

ENTRA: Final[Mapping[Verb, Needs]] = {
    Verb.SHOW: Needs((POLICY_READ,)),
    Verb.DOCTOR: Needs((POLICY_READ,), (SIGN_INS_READ, APPLICATION_READ)),
    Verb.PLAN: Needs((POLICY_READ,)),
    Verb.ADOPT: Needs((POLICY_READ,)),
    Verb.APPLY: _ENTRA_WRITES,
    Verb.RETIRE: _ENTRA_WRITES,
    Verb.ROTATE: _ENTRA_WRITES,
    Verb.WATCH: _ENTRA_WRITES,
}
