"""The System Log: what happened, by whom, from which address (event types and shapes as the API shows them).

`debugData` is explicitly no contract of the service, and the inner shape of a zone target is not published:
those are filled thinly.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from lab.okta.identifiers import milliseconds
from lab.okta.user_agents import UserAgent

DISPLAY_MESSAGES: Final[Mapping[str, str]] = {
    "user.session.start": "User login to Okta",
    "policy.evaluate_sign_on": "Evaluation of sign-on policy",
    "user.authentication.sso": "User single sign on to app",
    "app.oauth2.token.grant.access_token": "OIDC access token is granted",
    "app.oauth2.token.grant.id_token": "OIDC id token is granted",
    "app.oauth2.token.grant.refresh_token": "OIDC refresh token is granted",
    "app.oauth2.token.detect_reuse": "Detect one-time refresh token attempted reuse",
    "security.threat.configuration.update": "Update ThreatInsight configuration",
    "security.request.blocked": "Security request blocked",
    "zone.create": "Network zone create",
    "zone.update": "Network zone update",
    "zone.delete": "Network zone delete",
    "zone.activate": "Network zone activate",
    "zone.deactivate": "Network zone deactivate",
    "zone.make_blacklist": "Network zone is marked as a blocklist",
    "zone.remove_blacklist": "Network zone is no longer a blocklist",
    "policy.lifecycle.create": "Create policy",
    "policy.lifecycle.update": "Update policy",
    "policy.lifecycle.delete": "Delete policy",
    "policy.lifecycle.activate": "Activate policy",
    "policy.lifecycle.deactivate": "Deactivate policy",
    "policy.rule.add": "Add policy rule",
    "policy.rule.update": "Update policy rule",
    "policy.rule.delete": "Delete policy rule",
    "policy.rule.activate": "Activate policy rule",
    "policy.rule.deactivate": "Deactivate policy rule",
    "application.lifecycle.create": "Create application",
    "application.lifecycle.update": "Update application",
    "application.lifecycle.delete": "Delete application",
    "app.oauth2.as.consent.grant": "User granted consent to app",
    "app.oauth2.client.privilege.grant": "Grant OAuth client privilege",
    "app.oauth2.token.revoke.implicit.user": "Tokens revoked for user",
    "user.lifecycle.create": "Create okta user",
    "user.authentication.auth_via_mfa": "Authentication of user via MFA",
    "device.enrollment.create": "Device enrolled",
    "app.oauth2.token.revoke": "OIDC token revocation request",
    "user.session.end": "User logout from Okta",
    "user.session.context.change": "User session context changed",
    "user.session.clear": "Clear user session",
    "device.lifecycle.activate": "Activate device",
    "device.lifecycle.deactivate": "Deactivate device",
    "device.lifecycle.suspend": "Suspend device",
    "device.lifecycle.unsuspend": "Unsuspend device",
    "device.lifecycle.delete": "Delete device",
    "application.policy.sign_on.update": "Update app sign on policy",
    "system.api_token.update": "Update API token",
    "system.api_token.revoke": "Revoke API token",
    "system.api_token.request_outside_allowed_range": "Request with API token from outside the allowed network zone",
    "system.org.rate_limit.violation": "Rate limit violation",
    "system.client.rate_limit.violation": "Client rate limit violation",
    "core.concurrency.org.limit.violation": "Concurrency limit violation",
}

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Party:
    """Who did something, or what it was done to."""

    id: str
    type: str
    alternate_id: str
    display_name: str
    detail: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "type": self.type,
            "alternateId": self.alternate_id,
            "displayName": self.display_name,
            "detailEntry": self.detail,
        }


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from, as the org judged it. `zone` is the name of the zone it is in, if any."""

    address: str
    chain: tuple[str, ...]
    zone: str | None
    agent: UserAgent
    path: str
    request_id: str


class SystemLog:
    """Events, oldest first."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.events: Final[list[Event]] = []

    def of_type(self, event_type: str) -> list[Event]:
        """The events of one type, oldest first."""
        return [event for event in self.events if event["eventType"] == event_type]

    def add(
        self,
        event_type: str,
        origin: Origin,
        *,
        actor: Party,
        targets: Sequence[Party] = (),
        outcome: str = "SUCCESS",
        reason: str | None = None,
        session: str | None = None,
        api_token_id: str | None = None,
    ) -> Event:
        """Write one event; `outcome` and `reason` as the service words them."""
        event: Event = {
            "actor": actor.to_json(),
            "client": _client(origin),
            "device": None,
            "authenticationContext": {
                "authenticationStep": 0,
                "externalSessionId": session,
                "rootSessionId": session,
            },
            "displayMessage": DISPLAY_MESSAGES[event_type],
            "eventType": event_type,
            "outcome": {"result": outcome, "reason": reason},
            "published": milliseconds(self._clock()),
            "securityContext": dict.fromkeys(("asNumber", "asOrg", "isp", "domain", "isProxy")),
            "severity": "INFO" if outcome in ("SUCCESS", "ALLOW", "CHALLENGE") else "WARN",
            "debugContext": {
                "debugData": {"requestId": origin.request_id, "requestUri": origin.path, "url": origin.path}
            },
            "legacyEventType": None,
            "transaction": {"type": "WEB", "id": origin.request_id, "detail": _transaction(api_token_id)},
            "uuid": str(uuid.uuid4()),
            "version": "0",
            "request": {"ipChain": [_hop(address) for address in origin.chain]},
            "target": [target.to_json() for target in targets],
        }
        self.events.append(event)
        return event


def new_request_id() -> str:
    """An id as in `X-Okta-Request-Id`."""
    return secrets.token_urlsafe(20)


def _transaction(api_token_id: str | None) -> dict[str, Any]:
    return {} if api_token_id is None else {"requestApiTokenId": api_token_id}


def _client(origin: Origin) -> dict[str, Any]:
    agent = origin.agent
    return {
        "userAgent": {"rawUserAgent": agent.text, "os": agent.os, "browser": agent.browser},
        "zone": origin.zone if origin.zone is not None else "null",  # the text, in recorded evaluations
        "device": agent.device,
        "id": None,
        "ipAddress": origin.address,
        "geographicalContext": None,
    }


def _hop(address: str) -> dict[str, Any]:
    version = "V6" if ":" in address else "V4"
    return {"ip": address, "geographicalContext": None, "version": version, "source": None}
