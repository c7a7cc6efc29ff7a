"""Who signed in from an address: Entra's sign-in log (Graph v1.0, `GET /auditLogs/signIns`).

It needs AuditLog.Read.All and Entra ID P1 or P2, holds seven to thirty days, and is some minutes late; v1.0 tells of
interactive sign-ins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from okta_zones.errors import StrangeAnswerError
from okta_zones.exchange import Exchange
from okta_zones.graph.transport import SERVICE, list_all
from okta_zones.needs import SIGN_INS_READ
from okta_zones.unreadable import Unreadable, or_unreadable

PATH: Final = "/v1.0/auditLogs/signIns"
WHAT: Final = "the sign-in log"


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in, admitted or not. `at` as Graph writes it; `error_code` is 0 for an admitted one."""

    at: str
    user: str
    address: str
    app: str
    error_code: int


def last_sign_in_from(exchange: Exchange, address: str, since: datetime) -> SignIn | Unreadable | None:
    """The newest sign-in from the address since then, admitted or not; None where there is none."""

    def look() -> SignIn | None:
        moment = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        query = {"$filter": f"ipAddress eq '{_quotable(address)}' and createdDateTime ge {moment}", "$top": "1"}
        found = next(list_all(exchange, f"{PATH}?{urlencode(query)}"), None)  # a first page may be empty, and go on
        return None if found is None else _sign_in(found)

    return or_unreadable(WHAT, SIGN_INS_READ, look)


def _quotable(address: str) -> str:
    if not address or set(address) - set("0123456789abcdefABCDEF.:"):
        raise StrangeAnswerError(SERVICE, f"cannot ask the sign-in log about {address!r}")
    return address


def _sign_in(entry: Mapping[str, Any]) -> SignIn:
    status = entry.get("status")
    code = status.get("errorCode") if isinstance(status, dict) else None
    return SignIn(
        at=str(entry.get("createdDateTime")),
        user=str(entry.get("userPrincipalName")),
        address=str(entry.get("ipAddress")),
        app=str(entry.get("appDisplayName")),
        error_code=code if isinstance(code, int) else -1,
    )
