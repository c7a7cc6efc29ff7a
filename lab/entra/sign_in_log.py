"""The sign-in log: who signed in to what, from which address, and what conditional access said (Graph, signIn)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lab.entra.conditional_access import Judgement
from lab.entra.errors import new_guid
from lab.entra.resources import MICROSOFT_GRAPH, Resource

SignIn = dict[str, Any]
_PLATFORMS: Final = (  # the first that is named counts: iPhones name Mac OS X, too, and Android names Linux
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("Android", "android"),
    ("Windows", "windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "linux"),
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from: the address of the socket's other end, and what the client calls itself."""

    address: str
    user_agent: str

    @property
    def is_browser(self) -> bool:
        return self.user_agent.startswith("Mozilla/")

    @property
    def platform(self) -> str | None:
        """The platform as conditional access names it, read from the user agent; None where it says nothing."""
        return next((name for sign, name in _PLATFORMS if sign in self.user_agent), None)


class SignInLog:
    """Entries, oldest first. Graph v1.0 lists only the interactive ones."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.entries: Final[list[SignIn]] = []

    def shown(self, delay: timedelta) -> list[SignIn]:
        """What the log's readers see, when an entry takes `delay` to get there; oldest first."""
        newest = _seconds(self._clock() - delay)
        return [entry for entry in self.entries if entry["createdDateTime"] <= newest]

    def add(
        self,
        origin: Origin,
        *,
        user: tuple[str, str, str],
        app: tuple[str, str],
        judgement: Judgement,
        resource: Resource = MICROSOFT_GRAPH,
        interactive: bool = True,
        error_code: int = 0,
        failure_reason: str | None = None,
        correlation_id: str | None = None,
    ) -> SignIn:
        """Write one entry. `user` is id, principal name and display name; `app` is id and display name."""
        entry: SignIn = {
            "id": new_guid(),
            "createdDateTime": _seconds(self._clock()),
            "userDisplayName": user[2],
            "userPrincipalName": user[1],
            "userId": user[0],
            "appId": app[0],
            "appDisplayName": app[1],
            "ipAddress": origin.address,
            "clientAppUsed": "Browser" if origin.is_browser else "Mobile Apps and Desktop clients",
            "userAgent": origin.user_agent,
            "correlationId": correlation_id or new_guid(),
            "conditionalAccessStatus": judgement.status,
            "isInteractive": interactive,
            "riskDetail": "none",
            "riskLevelAggregated": "none",
            "riskLevelDuringSignIn": "none",
            "riskState": "none",
            "riskEventTypes_v2": [],
            "resourceDisplayName": resource.display_name,
            "resourceId": resource.id,
            "status": {
                "errorCode": error_code,
                "failureReason": failure_reason or "Other.",
                "additionalDetails": None,
            },
            "deviceDetail": {
                "deviceId": "",
                "displayName": "",
                "operatingSystem": origin.platform or "",
                "browser": "",
                "isCompliant": False,
                "isManaged": False,
                "trustType": "",
            },
            "location": None,
            "appliedConditionalAccessPolicies": [entry.to_json() for entry in judgement.applied],
        }
        self.entries.append(entry)
        return entry


def _seconds(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
