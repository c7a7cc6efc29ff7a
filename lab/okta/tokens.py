"""Codes and tokens of the org authorization server.

A grant is one consent of one user to one app: its code, its access tokens and its chain of refresh tokens. A
code or a rotated refresh token that shows up again ends the whole grant (RFC 6749 4.1.2, RFC 9700 4.14.2).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lab.openid.signing import SigningKey
from lab.openid.tickets import Tickets

CODE_LIFETIME: Final = timedelta(minutes=1)
TOKEN_LIFETIME: Final = timedelta(hours=1)
REFRESH_IDLE: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a user let an app have."""

    id: str
    client_id: str
    login: str
    scopes: tuple[str, ...]
    authenticated: datetime
    nonce: str | None
    factors: frozenset[str] = frozenset({"knowledge"})


@dataclass(frozen=True, slots=True)
class Code:
    """What an authorization code stands for until it is redeemed."""

    grant: Grant
    redirect_uri: str
    challenge: str


@dataclass(frozen=True, slots=True)
class RefreshResult:
    """What became of a refresh token: a grant, or the reuse of one that was rotated long ago."""

    grant: Grant | None
    reused: Grant | None = None


class TokenService:
    """Issues and redeems. Access tokens are opaque, as clients of this server must treat them."""

    def __init__(self, clock: Callable[[], datetime], refresh_grace: timedelta, key: SigningKey) -> None:
        self._clock = clock
        self._grace = refresh_grace
        self.key: Final = key
        self._codes: Tickets[Code] = Tickets(CODE_LIFETIME, clock)
        self._spent: dict[str, str] = {}
        self._access: Tickets[Grant] = Tickets(TOKEN_LIFETIME, clock)
        self._refresh: Tickets[Grant] = Tickets(REFRESH_IDLE, clock)
        self._rotated: dict[str, datetime] = {}

    def issue_code(self, grant: Grant, redirect_uri: str, challenge: str) -> str:
        return self._codes.issue(Code(grant, redirect_uri, challenge))

    def redeem_code(self, code: str) -> Code | None:
        """What the code stands for, once; None (and an end to its grant) when it was used before."""
        found = self._codes.take(code)
        if found is not None:
            self._spent[code] = found.grant.id
        elif code in self._spent:
            self.revoke(self._spent[code])
        return found

    def issue_access(self, grant: Grant) -> str:
        return self._access.issue(grant)

    def issue_refresh(self, grant: Grant) -> str:
        return self._refresh.issue(grant)

    def access(self, token: str) -> Grant | None:
        return self._access.read(token)

    def grant_of(self, token: str) -> Grant | None:
        """What an access or refresh token stands for."""
        return self._access.read(token) or self._refresh.read(token)

    def redeem_refresh(self, token: str, client_id: str) -> RefreshResult:
        """Rotate: the token works on for the grace period, then its use ends the grant."""
        grant = self._refresh.read(token)
        if grant is None or grant.client_id != client_id:
            return RefreshResult(None)
        rotated = self._rotated.setdefault(token, self._clock())
        if self._clock() - rotated > self._grace:
            self.revoke(grant.id)
            return RefreshResult(None, reused=grant)
        return RefreshResult(grant)

    def revoke_user(self, login: str) -> None:
        """Make every token of a user invalid."""
        self._access.drop(lambda grant: grant.login == login)
        self._refresh.drop(lambda grant: grant.login == login)

    def revoke(self, grant_id: str) -> None:
        """Make every token of a grant invalid."""
        self._access.drop(lambda grant: grant.id == grant_id)
        self._refresh.drop(lambda grant: grant.id == grant_id)


def new_grant_id() -> str:
    return secrets.token_hex(8)
