"""The back channel: what an app asks an OpenID provider without a page; and the code flow, which uses both channels.

OpenID Connect Core 3.1 and 12, RFC 6749 sections 4.1 and 6, RFC 7636.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import joserfc.errors
from joserfc import jwt
from joserfc.jwk import KeySet

from lab.device.cast import Cast
from lab.device.outcome import BrokenError, DeniedError
from lab.device.pages import browse
from lab.device.person import Person
from lab.network import ENTRA_HOST

OFFLINE: Final = "offline_access"


@dataclass(frozen=True, slots=True)
class Client:
    """The app as the provider knows it: a public client.

    `capabilities` is what it can do beyond the protocol, in Entra's words: `cp1`, to answer a claims challenge.
    """

    discovery: str
    """URL of the OpenID provider metadata."""
    client_id: str
    redirect_uri: str
    scope: str
    asks_userinfo: bool
    capabilities: tuple[str, ...] = ()

    @property
    def has_brokers(self) -> bool:
        """Whether brokers serve this provider: they are Microsoft's, and serve Entra."""
        return urlsplit(self.discovery).hostname == ENTRA_HOST


@dataclass(frozen=True, slots=True)
class Tokens:
    """What an app holds after a sign-in. `refresh` is empty where the app did not ask for offline access."""

    subject: str
    """Who signed in, as people say it; `subject_id` is the provider's word for it."""
    subject_id: str
    access: str = field(repr=False)
    identity: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    asked: tuple[str, ...] = ()
    """What the person was asked for: nothing, where a session was still good."""


async def code_flow(cast: Cast, client: Client, person: Person | None) -> Tokens:
    """Sign in by the authorization code flow with PKCE; without a `person` only by a session that is there.

    Raises DeniedError, BrokenError, and httpx.TransportError where somebody cannot be reached.
    """
    app = BackChannel(cast.redeems, client, cast.now)
    provider = await app.metadata()
    verifier, state, nonce = (secrets.token_urlsafe(48) for _ in range(3))
    query = {
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "response_type": "code",
        "scope": _scope(cast, client),
        "state": state,
        "nonce": nonce,
        "code_challenge": _challenge(verifier),
        "code_challenge_method": "S256",
        **_claims_parameter(client, {}),
        **({"prompt": "none"} if person is None else {}),
    }
    authorize = str(httpx.URL(text_in(provider, "authorization_endpoint"), params=query))
    back = await browse(cast, authorize, redirect_uri=client.redirect_uri, state=state, person=person)
    tokens = replace(await app.redeem(provider, back.code, verifier, nonce), asked=back.asked)
    if cast.asks is not None:
        tokens = await BackChannel(cast.asks, client, cast.now).renew(tokens)
    return tokens


@dataclass(frozen=True, slots=True)
class BackChannel:
    """One app's way to the provider of `client`, without a page. `now` is what the app takes the time to be.

    Every method raises DeniedError, BrokenError, and httpx.TransportError where the provider cannot be reached.
    """

    http: httpx.AsyncClient
    client: Client
    now: Callable[[], datetime]

    async def metadata(self) -> dict[str, Any]:
        """The provider's metadata."""
        return _document(await self.http.get(self.client.discovery))

    async def redeem(self, provider: dict[str, Any], code: str, verifier: str, nonce: str) -> Tokens:
        """The tokens for a code."""
        form = {
            "grant_type": "authorization_code",
            "client_id": self.client.client_id,
            "redirect_uri": self.client.redirect_uri,
            "code": code,
            "code_verifier": verifier,
        }
        tokens = await self._ask(provider, form, nonce)
        if self.client.asks_userinfo:
            await self._check_userinfo(provider, tokens)
        return tokens

    async def renew(self, held: Tokens, challenge: Mapping[str, Any] | None = None) -> Tokens:
        """New tokens for the refresh token that is `held`; `challenge` is the claims that a resource asked for."""
        form = {
            "grant_type": "refresh_token",
            "client_id": self.client.client_id,
            "refresh_token": held.refresh,
            "scope": self.client.scope,
            **_claims_parameter(self.client, challenge or {}),
        }
        new = await self._ask(await self.metadata(), form, None)
        if new.subject_id != held.subject_id:
            raise BrokenError("the new tokens speak of another person than the old ones")
        return replace(new, refresh=new.refresh or held.refresh, asked=held.asked)

    async def _ask(self, provider: dict[str, Any], form: dict[str, str], nonce: str | None) -> Tokens:
        answer = _document(await self.http.post(text_in(provider, "token_endpoint"), data=form))
        keys = _document(await self.http.get(text_in(provider, "jwks_uri")))
        identity = text_in(answer, "id_token")
        claims = self._claims(identity, keys, text_in(provider, "issuer"), nonce)
        refresh = answer.get("refresh_token")
        return Tokens(
            subject=str(claims.get("preferred_username") or claims["sub"]),
            subject_id=claims["sub"],
            access=text_in(answer, "access_token"),
            identity=identity,
            refresh=refresh if isinstance(refresh, str) else "",
        )

    async def _check_userinfo(self, provider: dict[str, Any], tokens: Tokens) -> None:
        bearer = {"Authorization": f"Bearer {tokens.access}"}
        person = _document(await self.http.get(text_in(provider, "userinfo_endpoint"), headers=bearer))
        if person.get("sub") != tokens.subject_id:
            raise BrokenError("userinfo speaks of another person than the ID token")

    def _claims(self, token: str, keys: dict[str, Any], issuer: str, nonce: str | None) -> dict[str, Any]:
        """The claims of an ID token, its signature and the checks of OpenID Connect Core 3.1.3.7 behind them."""
        expected = jwt.JWTClaimsRegistry(
            now=int(self.now().timestamp()),
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": self.client.client_id},
            nonce={"essential": True, "value": nonce} if nonce is not None else {},
            sub={"essential": True},
            exp={"essential": True},
        )
        try:
            claims = jwt.decode(token, KeySet.import_key_set(keys), algorithms=["RS256"]).claims  # type: ignore[arg-type]
            expected.validate(claims)
        except (joserfc.errors.JoseError, ValueError, KeyError) as error:
            raise BrokenError(f"the ID token is not good: {error}") from error
        return claims


def text_in(body: dict[str, Any], key: str) -> str:
    """A text that a provider has to give. Raises BrokenError."""
    value = body.get(key)
    if not isinstance(value, str):
        raise BrokenError(f"the provider's answer has no '{key}'")
    return value


def _scope(cast: Cast, client: Client) -> str:
    """A broker needs something that it can hand over: Microsoft's libraries always ask for offline access."""
    scopes = client.scope.split()
    return " ".join([*scopes, *([OFFLINE] if cast.asks is not None and OFFLINE not in scopes else [])])


def _claims_parameter(client: Client, challenge: Mapping[str, Any]) -> dict[str, str]:
    """`claims` as Microsoft's libraries send it: what a resource asked for, and what the app can do."""
    wanted = dict(challenge.get("access_token", {}))
    if client.capabilities:
        wanted["xms_cc"] = {"values": list(client.capabilities)}
    return {"claims": json.dumps({"access_token": wanted})} if wanted else {}


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
        raise BrokenError(f"{answer.url.path} answered {answer.status_code} without a JSON object")
    if answer.is_success:
        return body
    raise DeniedError(str(body.get("error_description") or body.get("error") or answer.status_code))
