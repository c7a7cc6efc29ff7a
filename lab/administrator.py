"""What the people who run these services do: read logs, ask the gateway, work in the UEM's console."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from dtr_rules.decision_log import DecisionRecord, read_records
from lab.process import LOOK_EVERY, ProgramFailedError

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


@dataclass(frozen=True, slots=True)
class Mark:
    """A point in all three logs."""

    decisions: int
    okta: str
    """The System Log's own cursor."""
    entra: frozenset[str]


class Administrator:
    """Reads and does. Every method raises httpx.HTTPError when a service does not answer as it should."""

    def __init__(self, access: Access, http: httpx.AsyncClient) -> None:
        self._access = access
        self._http = http
        self._graph_token = ""

    # --- logs -----------------------------------------------------------------------------------

    async def mark(self) -> Mark:
        """Where the logs end now."""
        cursor = f"{self._access.okta_url}/api/v1/logs?limit=1000"
        while True:
            events, after = await self._okta_page(cursor)
            if not events:
                break
            cursor = after
        known = frozenset(entry["id"] for entry in await self.entra_sign_ins())
        return Mark(len(self.decisions()), cursor, known)

    async def okta_events(self, mark: Mark) -> list[dict[str, Any]]:
        """What Okta's System Log got after `mark`, oldest first."""
        return (await self._okta_page(mark.okta))[0]

    async def _okta_page(self, url: str) -> tuple[list[dict[str, Any]], str]:
        """One page, and where the next one begins: the System Log always names one."""
        headers = {"Authorization": f"SSWS {self._access.okta_token}"}
        answer = (await self._http.get(url, headers=headers)).raise_for_status()
        return answer.json(), answer.links["next"]["url"]

    async def entra_sign_ins_since(self, mark: Mark) -> list[dict[str, Any]]:
        """What Entra's sign-in log got after `mark`, oldest first."""
        return [entry for entry in await self.entra_sign_ins() if entry["id"] not in mark.entra]

    async def entra_sign_ins(self) -> list[dict[str, Any]]:
        """The sign-in log, oldest first."""
        entries: list[dict[str, Any]] = []
        url: str | None = f"{self._access.entra_url}/v1.0/auditLogs/signIns"
        headers = {"Authorization": f"Bearer {await self._graph()}"}
        while url is not None:
            body = (await self._http.get(url, headers=headers)).raise_for_status().json()
            entries += body["value"]
            url = body.get("@odata.nextLink")
        return entries[::-1]  # Graph lists the newest first

    def decisions(self) -> list[DecisionRecord]:
        """The gateway's decision log without the ends of tunnels."""
        if not self._access.decision_log.exists():
            return []
        with self._access.decision_log.open(encoding="utf-8") as lines:
            whole = [line for line in lines if line.endswith("\n")]
        records = read_records(whole, str(self._access.decision_log))
        return [record for record in records if record.event != "end"]

    async def decisions_since(self, mark: Mark, *, expected: int) -> list[DecisionRecord]:
        """The gateway's records after `mark`, as soon as there are `expected` of them.

        Raises ProgramFailedError when they do not come.
        """
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while len(found := self.decisions()[mark.decisions :]) < expected:
            if asyncio.get_running_loop().time() > deadline:
                raise ProgramFailedError(
                    f"the gateway wrote down {len(found)} connections, where the device made {expected}"
                )
            await asyncio.sleep(LOOK_EVERY)
        return found

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

    async def enrol(self, udid: str, *, friendly_name: str, user_name: str, user_email: str) -> str:
        """Bring an Apple device under management; the token of its management channel."""
        body = {
            "udid": udid,
            "platform": "Apple",
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

    async def _graph(self) -> str:
        if not self._graph_token:
            form = {
                "grant_type": "client_credentials",
                "client_id": self._access.entra_client_id,
                "client_secret": self._access.entra_client_secret,
                "scope": "https://graph.microsoft.com/.default",
            }
            url = f"{self._access.entra_url}/{self._access.entra_tenant}/oauth2/v2.0/token"
            answer = (await self._http.post(url, data=form)).raise_for_status()
            self._graph_token = str(answer.json()["access_token"])
        return self._graph_token


def now() -> datetime:
    """The time of this machine, which is also the gateway's."""
    return datetime.now(UTC)


def _after(moment: str | None, since: datetime) -> bool:
    return moment is not None and datetime.fromisoformat(moment) > since
