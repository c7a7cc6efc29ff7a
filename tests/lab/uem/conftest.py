from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from lab.authority import Authority
from lab.https_server import HttpsServer
from lab.network import UEM_ADDRESS
from lab.uem import Tenant, create_app
from lab.uem.profile import VpnProfile
from lab.uem.tenant import PROFILE_ID


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Uem:
    """A running tenant: its state, an HTTP client, and the headers of each kind of caller."""

    tenant: Tenant
    http: httpx.AsyncClient
    trust: ssl.SSLContext

    async def rest(self) -> dict[str, str]:
        known = self.tenant.secrets
        form = {
            "grant_type": "client_credentials",
            "client_id": known.client_id,
            "client_secret": known.client_secret,
        }
        token = (await self.http.post("/oauth/token", data=form)).json()["access_token"]
        return {"Authorization": f"Bearer {token}", "aw-tenant-code": known.tenant_code}

    @property
    def operator(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tenant.secrets.operator}"}

    async def enrol(self, udid: str = "PHONE-1") -> dict[str, str]:
        body = {
            "udid": udid,
            "platform": "Apple",
            "friendly_name": "Anna's iPhone",
            "user_name": "anna",
            "user_email": "anna@acme.example",
        }
        answer = await self.http.post("/lab/devices", json=body, headers=self.operator)
        assert answer.status_code == 201, answer.text
        return {"Authorization": f"Bearer {answer.json()['channel_token']}"}


@pytest.fixture
async def uem() -> AsyncIterator[Uem]:
    authority = Authority("Test CA")
    tenant = Tenant()
    tenant.save(VpnProfile(PROFILE_ID, "Tunnel", "127.41.0.1", 8443, "PEM", "version: 1\n"))
    credential = authority.issue_server(["acme.awmdm.com"], [UEM_ADDRESS])
    trust = ssl.create_default_context(cadata=authority.certificate_pem.decode())
    async with (
        HttpsServer(create_app(tenant), address=UEM_ADDRESS, credential=credential) as server,
        httpx.AsyncClient(base_url=server.url, verify=trust, trust_env=False) as http,
    ):
        yield Uem(tenant, http, trust)
