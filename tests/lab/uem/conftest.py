from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from lab.authority import Authority
from lab.network import LOOPBACK
from lab.uem import Tenant, UemServer
from lab.uem.acme import provide_tunnel
from lab.uem.profile import TunnelGateway

RULES = """
version: 1
name: login
mode: per-app
default: bypass
rules:
  - {name: identity-providers, platforms: [ios, android], apps: all, action: tunnel, to: ["acme.okta.com"]}
  - {name: old-mail, platforms: [android], apps: [com.example.oldmail], action: block, to: ["mail.example:993"]}
"""
RESTRICTED_RULES = """
version: 1
name: internal-only
mode: per-app
default: bypass
rules:
  - {name: internal, apps: all, action: tunnel, to: ["*.internal.acme.example"]}
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Uem:
    """A running tenant: its state, an HTTP client, and the headers of each kind of caller."""

    tenant: Tenant
    server: UemServer
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

    async def check_in(self, channel: dict[str, str], *, passcode: bool) -> list[str]:
        """Check in, fetch a certificate where one is due, acknowledge everything; the commands that came."""
        answer = await self.http.post("/lab/mdm/check-in", json={"passcode_present": passcode}, headers=channel)
        commands = answer.json()["commands"]
        for command in commands:
            if command["type"] == "InstallProfile":
                await self.issue(channel)
            await self.http.post(f"/lab/mdm/commands/{command['id']}/acknowledge", headers=channel)
        return [command["type"] for command in commands]

    async def issue(self, channel: dict[str, str]) -> x509.Certificate:
        """The certificate that the device of this channel gets now."""
        answer = await self.http.post("/lab/mdm/certificate", json={"csr": csr()}, headers=channel)
        assert answer.status_code == 200, answer.text
        return x509.load_pem_x509_certificate(answer.json()["certificate"].encode())

    def csr(self) -> str:
        return csr()


def csr() -> str:
    """A request that claims to be somebody else's."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "whatever")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    claimed = x509.SubjectAlternativeName([x509.UniformResourceIdentifier("urn:uem:device:SOMEBODY-ELSE")])
    request = builder.add_extension(claimed, critical=False).sign(key, hashes.SHA256())
    return request.public_bytes(Encoding.PEM).decode()


class Clock:
    """A clock that stands still until somebody moves it."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def advance(self, **by: float) -> None:
        self.time += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tenant(clock: Clock) -> Tenant:
    """A tenant with the Tunnel set up, and compliance profiles beside it."""
    tenant = Tenant(now=clock.now, authority=Authority("Device root"))
    provide_tunnel(tenant, TunnelGateway("127.41.0.1", 8443, "PEM"), RULES, RESTRICTED_RULES)
    return tenant


@pytest.fixture
async def uem(tenant: Tenant) -> AsyncIterator[Uem]:
    authority = Authority("Test CA")
    credential = authority.issue_server(["acme.awmdm.com"], [LOOPBACK.uem])
    trust = ssl.create_default_context(cadata=authority.certificate_pem.decode())
    async with (
        UemServer(tenant, address=LOOPBACK.uem, credential=credential, trust=trust) as server,
        httpx.AsyncClient(base_url=server.url, verify=trust, trust_env=False) as http,
    ):
        yield Uem(tenant, server, http, trust)
