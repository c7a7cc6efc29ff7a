"""The UEM revokes somebody's sign-ins at the emulated Entra, through Graph, with no more than it may."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from lab import entra
from lab.authority import Authority, utc_now
from lab.entra_integration import CLIENT_ID, EntraIntegration, register
from lab.https_server import HttpsServer
from lab.network import LOOPBACK
from lab.openid.signing import SigningKey

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def tenant() -> entra.Tenant:
    return entra.acme_tenant(password="unused", client_secret="unused", signing_key=SigningKey())


@pytest.fixture
async def integration(tenant: entra.Tenant) -> AsyncIterator[EntraIntegration]:
    authority = Authority("Test CA")
    credential = authority.issue_server([], [LOOPBACK.entra])
    trust = ssl.create_default_context(cadata=authority.certificate_pem.decode())
    async with (
        HttpsServer(entra.create_app(tenant), address=LOOPBACK.entra, credential=credential) as server,
        httpx.AsyncClient(verify=trust, trust_env=False) as http,
    ):
        yield EntraIntegration(server.url, tenant.id, register(tenant), http)


async def test_what_was_signed_in_before_counts_no_longer(tenant: entra.Tenant, integration: EntraIntegration) -> None:
    anna = tenant.user_named(entra.acme.LOGIN)
    assert anna is not None
    before = utc_now() - timedelta(seconds=1)
    assert not tenant.revocations.revoked(anna.id, before)
    await integration.revoke(entra.acme.LOGIN)
    assert tenant.revocations.revoked(anna.id, before)
    assert not tenant.revocations.revoked(anna.id, utc_now() + timedelta(seconds=1))


async def test_somebody_whom_entra_does_not_know(integration: EntraIntegration) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        await integration.revoke("nobody@acme.example")


async def test_an_integration_that_was_taken_back(tenant: entra.Tenant, integration: EntraIntegration) -> None:
    del tenant.services[CLIENT_ID]
    with pytest.raises(httpx.HTTPStatusError, match=r"40[01]"):
        await integration.revoke(entra.acme.LOGIN)
