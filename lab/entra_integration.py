"""The UEM's integration with Entra: an application of its own there, which revokes people's sign-ins through Graph."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

import httpx

from lab.entra.tenant import ServiceApp, Tenant
from lab.openid.passwords import SecretDigest

APP_NAME: Final = "Workspace ONE UEM"
CLIENT_ID: Final = "5a1f0c3e-7d62-4b0a-9c41-3e8b6f2d9a57"
PERMISSION: Final = "User.RevokeSessions.All"
SCOPE: Final = "https://graph.microsoft.com/.default"


@dataclass(frozen=True, slots=True)
class EntraIntegration:
    """`url` is where sign-in service and Graph are, `http` the UEM's way there."""

    url: str
    tenant_id: str
    client_secret: str = field(repr=False)
    http: httpx.AsyncClient = field(repr=False)

    async def revoke(self, user: str) -> None:
        """Revoke the sign-ins of the user with this principal name. Raises httpx.HTTPError."""
        headers = {"Authorization": f"Bearer {await self._token()}"}
        path = f"/v1.0/users/{quote(user, safe='')}/revokeSignInSessions"
        (await self.http.post(self.url + path, headers=headers)).raise_for_status()

    async def _token(self) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": CLIENT_ID,
            "client_secret": self.client_secret,
            "scope": SCOPE,
        }
        answer = await self.http.post(f"{self.url}/{self.tenant_id}/oauth2/v2.0/token", data=form)
        return str(answer.raise_for_status().json()["access_token"])


def register(tenant: Tenant) -> str:
    """Register the UEM with a tenant; the secret of its application."""
    secret = secrets.token_urlsafe()
    tenant.services[CLIENT_ID] = ServiceApp(CLIENT_ID, APP_NAME, frozenset({PERMISSION}), SecretDigest.of(secret))
    return secret
