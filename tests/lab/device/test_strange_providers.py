"""An app does not believe a provider that gets OpenID Connect wrong."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from lab.device.sign_in import Client, Outcome, Person, sign_in
from lab.https_server import HttpsServer

pytestmark = pytest.mark.anyio

HOST = "idp.example"
ISSUER = f"https://{HOST}"
REDIRECT = "app.example:/callback"
CLIENT = Client(f"{ISSUER}/discovery", "the-app", REDIRECT, "openid", asks_userinfo=True)


class Provider:
    """A provider that signs everybody in at once; every part of what it says can be replaced."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "k1"})
        self.claims: dict[str, Any] = {}
        self.redirect: dict[str, str] = {}
        self.discovery: dict[str, Any] = {}
        self.token_key = self.key
        self.subject = "anna"
        self.page: Response | None = None
        self.nonce = ""

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/discovery", self.discover),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/keys", self.keys),
                Route("/userinfo", self.userinfo),
            ]
        )

    async def discover(self, request: Request) -> Response:
        endpoints = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
        }
        return JSONResponse(endpoints | self.discovery)

    async def authorize(self, request: Request) -> Response:
        self.nonce = request.query_params["nonce"]
        if self.page is not None:
            return self.page
        answer = {"code": "c", "state": request.query_params["state"]} | self.redirect
        return RedirectResponse(f"{REDIRECT}?{urlencode(answer)}", 302)

    async def token(self, request: Request) -> Response:
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": "the-app", "sub": "anna", "exp": now + 60, "iat": now, "nonce": self.nonce}
        claims = {name: value for name, value in (claims | self.claims).items() if value is not None}
        token = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.token_key)
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": token})

    async def keys(self, request: Request) -> Response:
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    async def userinfo(self, request: Request) -> Response:
        return JSONResponse({"sub": self.subject})


@pytest.fixture
async def provider(world: Any) -> AsyncIterator[Provider]:
    provider = Provider()
    credential = world.authority.issue_server([HOST], [])
    async with HttpsServer(provider.app(), address="127.40.0.51", credential=credential) as server:
        world.network.lead(HOST, "127.40.0.51", server.port)
        yield provider


async def result(world: Any) -> tuple[Outcome, str]:
    async with world.phone.open_app("com.example.app") as http:
        done = await sign_in(http, CLIENT, Person("anna", "pw"))
    return done.outcome, done.words


async def test_a_provider_that_does_all_of_it_right_is_believed(world: Any, provider: Provider) -> None:
    assert await result(world) == (Outcome.ALLOWED, "")


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"nonce": "another"}, id="another-nonce"),
        pytest.param({"nonce": None}, id="no-nonce"),
        pytest.param({"iss": "https://evil.example"}, id="another-issuer"),
        pytest.param({"aud": "another-app"}, id="for-another-app"),
        pytest.param({"exp": 1_000_000_000}, id="expired"),
        pytest.param({"sub": None}, id="nobody"),
    ],
)
async def test_an_id_token_that_is_not_for_this_sign_in(world: Any, provider: Provider, claims: dict[str, Any]) -> None:
    provider.claims = claims
    outcome, words = await result(world)
    assert outcome is Outcome.BROKEN
    assert words.startswith("the ID token is not good")


async def test_an_id_token_signed_with_another_key(world: Any, provider: Provider) -> None:
    provider.token_key = RSAKey.generate_key(2048, {"kid": "k1"})
    outcome, words = await result(world)
    assert outcome is Outcome.BROKEN
    assert words.startswith("the ID token is not good")


@pytest.mark.parametrize(
    ("redirect", "expected"),
    [
        pytest.param(
            {"state": "another"},
            (Outcome.BROKEN, "the redirect does not carry the state that this app sent"),
            id="state",
        ),
        pytest.param(
            {"error": "access_denied", "error_description": "No."}, (Outcome.DENIED, "No."), id="denied-with-words"
        ),
        pytest.param({"error": "access_denied"}, (Outcome.DENIED, "access_denied"), id="denied-without-words"),
        pytest.param(
            {"error": "access_denied", "state": "another"},
            (Outcome.BROKEN, "the redirect does not carry the state that this app sent"),
            id="an-error-for-somebody-else",
        ),
    ],
)
async def test_redirects(
    world: Any, provider: Provider, redirect: dict[str, str], expected: tuple[Outcome, str]
) -> None:
    provider.redirect = redirect
    assert await result(world) == expected


async def test_userinfo_about_somebody_else(world: Any, provider: Provider) -> None:
    provider.subject = "bert"
    assert await result(world) == (Outcome.BROKEN, "userinfo speaks of another person than the ID token")


async def test_a_metadata_document_without_endpoints(world: Any, provider: Provider) -> None:
    provider.discovery = {"token_endpoint": None}
    assert await result(world) == (Outcome.BROKEN, "the provider's answer has no 'token_endpoint'")


async def test_a_page_with_a_message_and_no_form_is_a_denial_in_its_words(world: Any, provider: Provider) -> None:
    provider.page = HTMLResponse("<h1>Closed</h1><p>for today</p>", 403)
    assert await result(world) == (Outcome.DENIED, "Closed for today")


async def test_a_sign_in_that_goes_in_circles_ends(world: Any, provider: Provider) -> None:
    provider.page = RedirectResponse("/authorize?nonce=x&state=y", 302)
    outcome, words = await result(world)
    assert (outcome, "steps" in words) == (Outcome.BROKEN, True)
