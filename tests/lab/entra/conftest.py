from __future__ import annotations

import secrets
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from lab.authority import Authority
from lab.device.forms import read_page
from lab.entra import Knobs, Tenant, acme_tenant, create_app
from lab.entra.acme import CLIENT_ID, GRAPH_CLIENT_ID, LOGIN, REDIRECT_URI, TENANT_ID
from lab.https_server import HttpsServer
from lab.openid import pkce
from lab.openid.signing import SigningKey

PASSWORD = secrets.token_urlsafe(12)
BREAK_GLASS_PASSWORD = secrets.token_urlsafe(12)
CLIENT_SECRET = secrets.token_urlsafe(24)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def _received(response: httpx.Response) -> dict[str, str]:
    assert response.status_code == 302, response.text
    location = response.headers["location"]
    assert location.startswith(f"{REDIRECT_URI}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


@dataclass
class Browser:
    """An app's web view on a device: keeps cookies, follows nothing by itself, leaves from one address."""

    http: httpx.AsyncClient
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    async def authorize(self, tenant: str = TENANT_ID, /, **changes: str) -> httpx.Response:
        query = {
            "client_id": CLIENT_ID,
            "redirect_uri": REDIRECT_URI,
            "response_type": "code",
            "scope": "openid profile email offline_access",
            "state": "state-1",
            "nonce": "nonce-1",
            "code_challenge": pkce.challenge_of(self.verifier),
            "code_challenge_method": "S256",
        } | changes
        query = {name: value for name, value in query.items() if value}
        return await self.http.get(f"/{tenant}/oauth2/v2.0/authorize", params=query)

    async def submit(self, page: httpx.Response, password: str = PASSWORD, login: str = LOGIN) -> httpx.Response:
        form = read_page(page.text, str(page.url)).form
        assert form is not None
        assert form.wants_password()
        return await self.http.post(form.action, data=form.filled(login, password))

    async def sign_in(self, **changes: str) -> dict[str, str]:
        """The parameters that the app receives in the end."""
        return _received(await self.submit(await self.authorize(**changes)))

    async def access(self, **changes: str) -> dict[str, str]:
        """As `sign_in`, where no form is shown."""
        return _received(await self.authorize(**changes))

    async def redeem(self, code: str, /, **changes: str) -> httpx.Response:
        fields = {
            "grant_type": "authorization_code",
            "client_id": CLIENT_ID,
            "redirect_uri": REDIRECT_URI,
            "code": code,
            "code_verifier": self.verifier,
        } | changes
        data = {name: value for name, value in fields.items() if value}
        return await self.http.post(f"/{TENANT_ID}/oauth2/v2.0/token", data=data)

    async def refresh(self, token: str, client_id: str = CLIENT_ID) -> httpx.Response:
        fields = {"grant_type": "refresh_token", "client_id": client_id, "refresh_token": token}
        return await self.http.post(f"/{TENANT_ID}/oauth2/v2.0/token", data=fields)


@dataclass
class World:
    """A running tenant and what a test needs to meet it."""

    tenant: Tenant
    clock: Clock
    url: str
    trust: ssl.SSLContext
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def client(self, address: str, **headers: str) -> httpx.AsyncClient:
        transport = httpx.AsyncHTTPTransport(verify=self.trust, local_address=address)
        self.clients.append(httpx.AsyncClient(transport=transport, base_url=self.url, headers=headers))
        return self.clients[-1]

    def browser(self, address: str, **headers: str) -> Browser:
        return Browser(self.client(address, **headers))

    async def service_token(self, **changes: str) -> httpx.Response:
        fields = {
            "grant_type": "client_credentials",
            "client_id": GRAPH_CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "scope": "https://graph.microsoft.com/.default",
        } | changes
        data = {name: value for name, value in fields.items() if value}
        return await self.client("127.43.8.1").post(f"/{TENANT_ID}/oauth2/v2.0/token", data=data)

    async def graph(self) -> httpx.AsyncClient:
        token = (await self.service_token()).json()["access_token"]
        return self.client("127.43.8.1", Authorization=f"Bearer {token}")


@pytest.fixture
def knobs() -> Knobs:
    """Replaced by the tests that turn one."""
    return Knobs()


@pytest.fixture(scope="session")
def signing_key() -> SigningKey:
    return SigningKey()


@pytest.fixture
async def world(knobs: Knobs, signing_key: SigningKey) -> AsyncIterator[World]:
    clock = Clock()
    tenant = acme_tenant(
        password=PASSWORD,
        client_secret=CLIENT_SECRET,
        break_glass_password=BREAK_GLASS_PASSWORD,
        clock=clock,
        knobs=knobs,
        signing_key=signing_key,
    )
    authority = Authority("Test CA")
    credential = authority.issue_server(["login.microsoftonline.com", "graph.microsoft.com"], ["127.40.8.20"])
    async with HttpsServer(create_app(tenant), address="127.40.8.20", credential=credential) as server:
        trust = ssl.create_default_context(cadata=authority.certificate_pem.decode())
        world = World(tenant, clock, server.url, trust)
        yield world
        for client in world.clients:
            await client.aclose()


@pytest.fixture
def break_glass() -> dict[str, str]:
    return {"login": "break-glass@acme.example", "password": BREAK_GLASS_PASSWORD}


@pytest.fixture
def client_secret() -> str:
    return CLIENT_SECRET
