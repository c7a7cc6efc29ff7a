"""What the people who run these services do: read logs, ask the gateway, work in the UEM's console."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from dtr_rules import Platform
from dtr_rules.decision_log import DecisionRecord, read_records
from lab.process import LOOK_EVERY, ProgramFailedError
from lab.uem.inventory import DevicePlatform

PLATFORMS: Final = {
    Platform.IOS: DevicePlatform.APPLE,
    Platform.ANDROID: DevicePlatform.ANDROID,
    Platform.WINDOWS: DevicePlatform.WINDOWS,
    Platform.MACOS: DevicePlatform.MACOS,
}
"""What the UEM calls them."""
PATIENCE: Final = 5.0
"""Seconds until something that should come soon counts as not coming."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where the services are and the secrets that their administrators have."""

    okta_url: str
    okta_token: str = field(repr=False)
    entra_url: str
    entra_tenant: str
    entra_client_id: str
    entra_client_secret: str = field(repr=False)
    uem_url: str
    uem_operator: str = field(repr=False)
    gateway_admin_url: str
    gateway_admin_token: str = field(repr=False)
    decision_log: Path


class Administrator:
    """Reads and does. Every method raises httpx.HTTPError when a service does not answer as it should."""

    def __init__(self, access: Access, http: httpx.AsyncClient) -> None:
        self._access = access
        self._http = http

    def decisions(self) -> list[DecisionRecord]:
        """The gateway's decision log without the ends of tunnels."""
        if not self._access.decision_log.exists():
            return []
        with self._access.decision_log.open(encoding="utf-8") as lines:
            whole = [line for line in lines if line.endswith("\n")]
        records = read_records(whole, str(self._access.decision_log))
        return [record for record in records if record.event != "end"]

    # --- Okta's console ---------------------------------------------------------------------------

    async def register_service_app(
        self, label: str, public_key: Mapping[str, Any], scopes: Iterable[str], *, dpop_bound: bool = False
    ) -> str:
        """Make a service app with a key of its own, grant it `scopes` and a role; its client id."""
        client = {
            "grant_types": ["client_credentials"],
            "application_type": "service",
            "dpop_bound_access_tokens": dpop_bound,
            "jwks": {"keys": [dict(public_key)]},
        }
        body = {
            "name": "oidc_client",
            "label": label,
            "signOnMode": "OPENID_CONNECT",
            "credentials": {"oauthClient": {"token_endpoint_auth_method": "private_key_jwt"}},
            "settings": {"oauthClient": client},
        }
        client_id = str((await self._okta("/api/v1/apps", body))["id"])
        for scope in scopes:
            await self._okta(f"/api/v1/apps/{client_id}/grants", {"scopeId": scope, "issuer": self._access.okta_url})
        await self._okta(f"/oauth2/v1/clients/{client_id}/roles", {"type": "SUPER_ADMIN"})
        return client_id

    async def _okta(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"SSWS {self._access.okta_token}"}
        answer = await self._http.post(self._access.okta_url + path, json=body, headers=headers)
        made: dict[str, Any] = answer.raise_for_status().json()
        return made

    # --- the gateway ------------------------------------------------------------------------------

    async def wait_for_posture(self, since: datetime) -> None:
        """Wait until the gateway has read the whole inventory, beginning after `since`.

        Raises ProgramFailedError when it does not.
        """
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not _after((status := await self._posture())["sync_started_at"], since):
            if asyncio.get_running_loop().time() > deadline:
                raise ProgramFailedError(f"the gateway does not read the UEM's inventory: {status['error']}")
            await asyncio.sleep(LOOK_EVERY)

    async def _posture(self) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._access.gateway_admin_token}"}
        answer = await self._http.get(f"{self._access.gateway_admin_url}/status", headers=headers)
        posture: dict[str, Any] = answer.raise_for_status().json()["posture"]
        return posture

    # --- the UEM's console --------------------------------------------------------------------------

    async def enrol(self, udid: str, platform: Platform, *, friendly_name: str, user_name: str, user_email: str) -> str:
        """Bring a device under management; the token of its management channel."""
        body = {
            "udid": udid,
            "platform": PLATFORMS[platform],
            "friendly_name": friendly_name,
            "user_name": user_name,
            "user_email": user_email,
        }
        return str((await self._uem("/lab/devices", body))["channel_token"])

    async def escalate(self, udid: str) -> None:
        """Let the compliance policy's grace time pass: a device that breaks it loses its profile."""
        await self._uem(f"/lab/devices/{udid}/escalate", {})

    async def _uem(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._access.uem_operator}"}
        answer = await self._http.post(self._access.uem_url + path, json=body, headers=headers)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found


def now() -> datetime:
    """The time of this machine, which is also the gateway's."""
    return datetime.now(UTC)


def _after(moment: str | None, since: datetime) -> bool:
    return moment is not None and datetime.fromisoformat(moment) > since
