"""How an app signs a person in: OpenID Connect, authorization code with PKCE, over the app's own HTTP client.

OpenID Connect Core 3.1, RFC 6749 section 4.1, RFC 7636, RFC 8252 (native apps). The app shows the provider's
pages, the person types a user name and a password, and the app waits for its redirect URI.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import joserfc.errors
from joserfc import jwt
from joserfc.jwk import KeySet

from lab.device.forms import read_page
from lab.device.refusal import Refusal, TunnelRefusedError

MAX_STEPS: Final = 20
"""Pages and redirects before a sign-in counts as going in circles."""


class Outcome(StrEnum):
    """How a sign-in ended."""

    ALLOWED = "allowed"
    DENIED = "denied"
    """The provider said no."""
    NEVER_REACHED = "never reached"
    """The provider heard nothing of it."""
    BROKEN = "broken"
    """The provider answered, and what it answered is not to be believed or understood."""


@dataclass(frozen=True, slots=True)
class Client:
    """The app as the provider knows it: a public client."""

    discovery: str
    """URL of the OpenID provider metadata."""
    client_id: str
    redirect_uri: str
    scope: str
    asks_userinfo: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Who signs in."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignIn:
    """The result. `words` are the provider's own where it spoke, or what kept the app from reaching it."""

    outcome: Outcome
    words: str = ""
    subject: str = ""
    """Who the provider says signed in; empty unless allowed."""
    refusal: Refusal | None = None


class _DeniedError(Exception):
    """The provider said no, in these words."""


class _BrokenError(Exception):
    """An answer that the app does not believe."""


async def sign_in(http: httpx.AsyncClient, client: Client, person: Person) -> SignIn:
    """Sign in once. Never raises for what the network, the gateway or the provider do: that is the result."""
    try:
        return SignIn(Outcome.ALLOWED, subject=await _code_flow(http, client, person))
    except TunnelRefusedError as error:
        return SignIn(Outcome.NEVER_REACHED, str(error.refusal), refusal=error.refusal)
    except httpx.TransportError as error:
        return SignIn(Outcome.NEVER_REACHED, str(error) or type(error).__name__)
    except _DeniedError as error:
        return SignIn(Outcome.DENIED, str(error))
    except _BrokenError as error:
        return SignIn(Outcome.BROKEN, str(error))


async def _code_flow(http: httpx.AsyncClient, client: Client, person: Person) -> str:
    provider = _document(await http.get(client.discovery))
    verifier, state, nonce = (secrets.token_urlsafe(48) for _ in range(3))
    query = {
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "response_type": "code",
        "scope": client.scope,
        "state": state,
        "nonce": nonce,
        "code_challenge": _challenge(verifier),
        "code_challenge_method": "S256",
    }
    authorize = httpx.URL(_text(provider, "authorization_endpoint"), params=query)
    code = await _front_channel(http, str(authorize), client.redirect_uri, person, state)
    form = {
        "grant_type": "authorization_code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "code": code,
        "code_verifier": verifier,
    }
    tokens = _document(await http.post(_text(provider, "token_endpoint"), data=form))
    keys = _document(await http.get(_text(provider, "jwks_uri")))
    claims = _claims(_text(tokens, "id_token"), keys, _text(provider, "issuer"), client.client_id, nonce)
    if client.asks_userinfo:
        await _check_userinfo(http, provider, tokens, claims)
    return str(claims.get("preferred_username") or claims["sub"])


async def _front_channel(http: httpx.AsyncClient, url: str, redirect_uri: str, person: Person, state: str) -> str:
    """Pages and redirects until the provider sends the browser to the app; the code that it brings."""
    answer = await http.get(url)
    asked = False
    for _ in range(MAX_STEPS):
        if answer.is_redirect:
            target = urljoin(str(answer.url), answer.headers.get("location", ""))
            if target.partition("?")[0] == redirect_uri:
                return _code(target, state)
            answer = await http.get(target)
            continue
        page = read_page(answer.text, str(answer.url))
        if page.form is None or (asked and page.form.wants_password()):
            raise _DeniedError(page.alert or page.text or f"HTTP {answer.status_code}")
        asked = asked or page.form.wants_password()
        answer = await http.post(page.form.action, data=page.form.filled(person.user, person.password))
    raise _BrokenError(f"the sign-in took more than {MAX_STEPS} steps")


def _code(redirect: str, state: str) -> str:
    query = {name: values[0] for name, values in parse_qs(urlsplit(redirect).query).items()}
    if not secrets.compare_digest(query.get("state", "").encode(), state.encode()):
        raise _BrokenError("the redirect does not carry the state that this app sent")
    if "error" in query:
        raise _DeniedError(query.get("error_description", query["error"]))
    if "code" not in query:
        raise _BrokenError("the redirect carries neither a code nor an error")
    return query["code"]


async def _check_userinfo(
    http: httpx.AsyncClient, provider: dict[str, Any], tokens: dict[str, Any], claims: dict[str, Any]
) -> None:
    bearer = {"Authorization": f"Bearer {_text(tokens, 'access_token')}"}
    person = _document(await http.get(_text(provider, "userinfo_endpoint"), headers=bearer))
    if person.get("sub") != claims["sub"]:
        raise _BrokenError("userinfo speaks of another person than the ID token")


def _claims(token: str, keys: dict[str, Any], issuer: str, client_id: str, nonce: str) -> dict[str, Any]:
    """The claims of an ID token, its signature and the checks of OpenID Connect Core 3.1.3.7 behind them."""
    expected = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
        exp={"essential": True},
    )
    try:
        claims = jwt.decode(token, KeySet.import_key_set(keys), algorithms=["RS256"]).claims  # type: ignore[arg-type]
        expected.validate(claims)
    except (joserfc.errors.JoseError, ValueError, KeyError) as error:
        raise _BrokenError(f"the ID token is not good: {error}") from error
    return claims


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _document(answer: httpx.Response) -> dict[str, Any]:
    """A JSON object that a provider's endpoint answered; its errors in OAuth's form are a denial."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise _BrokenError(f"{answer.url.path} answered {answer.status_code} without a JSON object")
    if answer.is_success:
        return body
    raise _DeniedError(str(body.get("error_description") or body.get("error") or answer.status_code))


def _text(body: dict[str, Any], key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str):
        raise _BrokenError(f"the provider's answer has no '{key}'")
    return value
