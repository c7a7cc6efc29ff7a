from __future__ import annotations

import secrets
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from lab.authority import Authority
from lab.device.forms import read_page
from lab.https_server import HttpsServer
from lab.okta import Knobs, Org, acme_org, create_app
from lab.okta.acme import CLIENT_ID, LOGIN, REDIRECT_URI
from lab.okta.service_apps import ServiceApp, new_service_app
from lab.openid import pkce
from lab.openid.signing import SigningKey

PASSWORD = secrets.token_urlsafe(12)
API_TOKEN = secrets.token_urlsafe(24)
KEY = ECKey.generate_key("P-256", {"kid": "key-1"})


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 4, 12, 0, 0, 250_000, tzinfo=UTC)

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
    password: str = PASSWORD

    async def authorize(self, **changes: str) -> httpx.Response:
        query = {
            "client_id": CLIENT_ID,
            "redirect_uri": REDIRECT_URI,
            "response_type": "code",
            "scope": "openid profile email",
            "state": "state-1",
            "nonce": "nonce-1",
            "code_challenge": pkce.challenge_of(self.verifier),
            "code_challenge_method": "S256",
        } | changes
        query = {name: value for name, value in query.items() if value}
        return await self.http.get("/oauth2/v1/authorize", params=query)

    async def submit(self, page: httpx.Response, password: str = PASSWORD, login: str = LOGIN) -> httpx.Response:
        form = read_page(page.text, str(page.url)).form
        assert form is not None
        assert form.wants_password()
        return await self.http.post(form.action, data=form.filled(login, password))

    async def sign_in(self, **changes: str) -> dict[str, str]:
        """The parameters that the app receives in the end."""
        return _received(await self.submit(await self.authorize(**changes)))

    async def access(self, **changes: str) -> dict[str, str]:
        """As `sign_in`, where the session answers and no form is shown."""
        return _received(await self.authorize(**changes))

    async def redeem(self, code: str, /, **changes: str) -> httpx.Response:
        fields = {
            "grant_type": "authorization_code",
            "client_id": CLIENT_ID,
            "redirect_uri": REDIRECT_URI,
            "code": code,
            "code_verifier": self.verifier,
        } | changes
        return await self.http.post("/oauth2/v1/token", data={k: v for k, v in fields.items() if v})

    async def refresh(self, token: str) -> httpx.Response:
        fields = {"grant_type": "refresh_token", "client_id": CLIENT_ID, "refresh_token": token}
        return await self.http.post("/oauth2/v1/token", data=fields)


@dataclass
class World:
    """A running org and what a test needs to meet it."""

    org: Org
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

    async def service(self, app: ServiceApp, scope: str, **headers: str) -> httpx.AsyncClient:
        """A client with a bearer token of a service app, registered beforehand."""
        answer = await self.client("127.43.8.1").post("/oauth2/v1/token", data=self.token_request(app, scope))
        assert answer.status_code == 200, answer.text
        return self.client("127.43.8.1", Authorization=f"Bearer {answer.json()['access_token']}", **headers)

    def token_request(self, app: ServiceApp, scope: str, **changes: Any) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "scope": scope,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self.assertion(app, **changes),
        }

    def assertion(self, app: ServiceApp, **changes: Any) -> str:
        """What the app signs to get a token; a change to None leaves a claim out."""
        now = int(self.clock().timestamp())
        claims = {
            "iss": app.id,
            "sub": app.id,
            "aud": f"{self.url}/oauth2/v1/token",
            "iat": now,
            "exp": now + 300,
            "jti": secrets.token_hex(8),
        } | changes
        header = {"alg": "ES256", "kid": "key-1"}
        return jwt.encode(header, {name: value for name, value in claims.items() if value is not None}, KEY)

    def add_service(self, *scopes: str, **more: Any) -> ServiceApp:
        """Register a service app that has the key of the tests."""
        app = new_service_app("zones", [KEY.as_dict(private=False)], scopes, **more)
        self.org.service_apps[app.id] = app
        return app

    def api(self, token: str = API_TOKEN) -> httpx.AsyncClient:
        return self.client("127.43.8.1", Authorization=f"SSWS {token}")


@pytest.fixture
def knobs() -> Knobs:
    """Replaced by the modules that turn one."""
    return Knobs()


@pytest.fixture(scope="session")
def signing_key() -> SigningKey:
    return SigningKey()


@pytest.fixture
async def world(knobs: Knobs, signing_key: SigningKey) -> AsyncIterator[World]:
    clock = Clock()
    org = acme_org(password=PASSWORD, api_token=API_TOKEN, clock=clock, knobs=knobs, signing_key=signing_key)
    authority = Authority("Test CA")
    credential = authority.issue_server(["acme.okta.com"], ["127.40.8.10"])
    async with HttpsServer(create_app(org), address="127.40.8.10", credential=credential) as server:
        trust = ssl.create_default_context(cadata=authority.certificate_pem.decode())
        world = World(org, clock, server.url, trust)
        yield world
        for client in world.clients:
            await client.aclose()


@pytest.fixture
def public_key() -> dict[str, Any]:
    return dict(KEY.as_dict(private=False))


@pytest.fixture
def password() -> str:
    return PASSWORD
