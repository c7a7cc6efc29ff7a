"""The sign-in log: who signed in to what, from which address, and what conditional access said (Graph, signIn)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from lab.entra.conditional_access import Judgement
from lab.entra.errors import new_guid

SignIn = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from: the address of the socket's other end, and what the client calls itself."""

    address: str
    user_agent: str


class SignInLog:
    """Entries, oldest first. Graph v1.0 lists only the interactive ones."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.entries: Final[list[SignIn]] = []

    def add(
        self,
        origin: Origin,
        *,
        user: tuple[str, str, str],
        app: tuple[str, str],
        judgement: Judgement,
        interactive: bool = True,
        error_code: int = 0,
        failure_reason: str | None = None,
        correlation_id: str | None = None,
    ) -> SignIn:
        """Write one entry. `user` is id, principal name and display name; `app` is id and display name."""
        entry: SignIn = {
            "id": new_guid(),
            "createdDateTime": self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "userDisplayName": user[2],
            "userPrincipalName": user[1],
            "userId": user[0],
            "appId": app[0],
            "appDisplayName": app[1],
            "ipAddress": origin.address,
            "clientAppUsed": "Mobile Apps and Desktop clients",
            "userAgent": origin.user_agent,
            "correlationId": correlation_id or new_guid(),
            "conditionalAccessStatus": judgement.status,
            "isInteractive": interactive,
            "riskDetail": "none",
            "riskLevelAggregated": "none",
            "riskLevelDuringSignIn": "none",
            "riskState": "none",
            "riskEventTypes_v2": [],
            "resourceDisplayName": "Microsoft Graph",
            "status": {
                "errorCode": error_code,
                "failureReason": failure_reason or "Other.",
                "additionalDetails": None,
            },
            "deviceDetail": {"deviceId": "", "displayName": "", "isCompliant": False, "isManaged": False},
            "location": None,
            "appliedConditionalAccessPolicies": [entry.to_json() for entry in judgement.applied],
        }
        self.entries.append(entry)
        return entry
