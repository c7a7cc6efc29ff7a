"""An app that runs on a device: it signs in as its surface does, keeps its tokens, renews and uses them, signs out.

Every errand opens its connections anew, so that each is routed as the device is at that moment; cookies stay with
whoever showed the pages.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

import httpx

from lab.device.apps import App
from lab.device.cast import Cast
from lab.device.device import Device
from lab.device.openid import BackChannel, Client, Tokens, text_in
from lab.device.outcome import FAILURES, BrokenError, DeniedError, Outcome, ending
from lab.device.parts import Parts, parts_of
from lab.device.person import Person
from lab.device.refusal import Refusal
from lab.device.sign_in import SignIn, sign_in_as

_CHALLENGE: Final = re.compile(r'error="insufficient_claims".*claims="([^"]*)"')


class NotSignedInError(LookupError):
    """The app holds nothing that would do for this: its user has to sign in first."""


@dataclass(frozen=True, slots=True)
class Use:
    """A call of an API with the access token.

    `challenged` is whether the resource sent the app back for another token, by whose refusal it may have ended.
    """

    outcome: Outcome
    words: str = ""
    refusal: Refusal | None = None
    status: int | None = None
    challenged: bool = False
    body: str = ""


@dataclass(slots=True)
class RunningApp:
    """An app on a device; `held` is its tokens by client id, as its keychain keeps them."""

    device: Device
    app: App
    held: dict[str, Tokens] = field(default_factory=dict, repr=False)

    async def sign_in(self, client: Client, person: Person) -> SignIn:
        """Sign in with pages, at once where a session is still good. Never raises for what others do."""
        return await self._sign_in(client, person)

    async def resume(self, client: Client) -> SignIn:
        """Sign in by the session alone, without a page (`prompt=none`). Never raises for what others do."""
        return await self._sign_in(client, None)

    async def renew(self, client: Client) -> SignIn:
        """Ask for new tokens by the refresh token: the app alone speaks to the token endpoint.

        Raises NotSignedInError without a refresh token; never for what others do.
        """
        held = self._held(client)
        if not held.refresh:
            raise NotSignedInError(f"{self.app.name} holds no refresh token: ask for the scope offline_access")
        try:
            async with self._clients(client) as clients:
                return self._keep(client, SignIn.allowed(await self._renewed(clients, client, held)))
        except FAILURES as error:
            return SignIn.failed(error)

    async def use(self, client: Client, url: str) -> Use:
        """Call an API. Sent back for another token (401), the app asks for one once, and calls again.

        Raises NotSignedInError; never for what others do.
        """
        held = self._held(client)
        challenged = False
        try:
            async with self._clients(client) as clients:
                http = clients.plain(clients.parts.asks)
                answer = await _call(http, url, held)
                if answer.status_code == httpx.codes.UNAUTHORIZED and held.refresh:
                    challenged = True
                    held = await self._renewed(clients, client, held, _claims_of(answer))
                    self.held[client.client_id] = held
                    answer = await _call(http, url, held)
        except FAILURES as error:
            found = ending(error)
            return Use(found.outcome, found.words, found.refusal, challenged=challenged)
        outcome = Outcome.ALLOWED if answer.is_success else Outcome.DENIED
        words = "" if answer.is_success else answer.headers.get("www-authenticate", f"HTTP {answer.status_code}")
        return Use(outcome, words, status=answer.status_code, challenged=challenged, body=answer.text)

    async def sign_out(self, client: Client) -> SignIn:
        """End the session at the provider, where the pages are shown, and throw the app's tokens away.

        Raises NotSignedInError; never for what others do. OpenID Connect RP-Initiated Logout 1.0.
        """
        held = self.held.pop(client.client_id, None)
        if held is None:
            raise self._not_signed_in()
        try:
            async with self._clients(client) as clients:
                provider = await BackChannel(clients.plain(clients.parts.redeems), client, self.device.now).metadata()
                url = httpx.URL(text_in(provider, "end_session_endpoint"), params={"id_token_hint": held.identity})
                answer = await clients.page_of(url.host).get(url)
                if answer.is_error:
                    raise DeniedError(f"HTTP {answer.status_code}")
        except FAILURES as error:
            return SignIn.failed(error)
        return SignIn(Outcome.ALLOWED, subject=held.subject)

    def start_anew(self) -> None:
        """A fresh start: no token, and no cookie with the app or whoever else shows its pages."""
        self.held.clear()
        for key in (self.app.key, self.app.through, self.device.browser.key):
            self.device.forget_cookies(key)

    async def _sign_in(self, client: Client, person: Person | None) -> SignIn:
        async with self._clients(client) as clients:
            return self._keep(client, await sign_in_as(clients.cast(), client, person))

    async def _renewed(
        self, clients: _Clients, client: Client, held: Tokens, challenge: dict[str, Any] | None = None
    ) -> Tokens:
        """Nobody is asked for anything."""
        channel = BackChannel(clients.plain(clients.parts.asks), client, self.device.now)
        return replace(await channel.renew(held, challenge), asked=())

    def _keep(self, client: Client, result: SignIn) -> SignIn:
        if result.tokens is not None:
            self.held[client.client_id] = result.tokens
        return result

    def _held(self, client: Client) -> Tokens:
        if client.client_id not in self.held:
            raise self._not_signed_in()
        return self.held[client.client_id]

    def _not_signed_in(self) -> NotSignedInError:
        return NotSignedInError(f"{self.app.name} on {self.device.name} is not signed in there")

    @contextlib.asynccontextmanager
    async def _clients(self, client: Client) -> AsyncIterator[_Clients]:
        device = self.device
        parts = parts_of(self.app, beside=device.apps, browser=device.browser, has_brokers=client.has_brokers)
        async with contextlib.AsyncExitStack() as stack:
            yield _Clients(device, parts, stack)


class _Clients:
    """The HTTP clients of one errand, each opened when it is first needed."""

    def __init__(self, device: Device, parts: Parts, stack: contextlib.AsyncExitStack) -> None:
        self._device = device
        self._stack = stack
        self._plain: dict[str, httpx.AsyncClient] = {}
        self._pages: dict[str, httpx.AsyncClient] = {}
        self.parts = parts

    def plain(self, app: App) -> httpx.AsyncClient:
        """For what an app does without a page."""
        if app.key not in self._plain:
            self._plain[app.key] = self._opened(self._device.client_of(app))
        return self._plain[app.key]

    def page_of(self, host: str) -> httpx.AsyncClient:
        """For a page of `host`."""
        extension = self.parts.extension
        app = extension if extension is not None and host in self._device.extension_hosts else self.parts.pages
        if app.key not in self._pages:
            self._pages[app.key] = self._opened(self._device.pages_of(app))
        return self._pages[app.key]

    def cast(self) -> Cast:
        parts, device = self.parts, self._device
        asks = self.plain(parts.asks) if parts.asks != parts.redeems else None
        return Cast(self.page_of, self.plain(parts.redeems), asks, device.usable_okta_verify, device.now)

    def _opened(self, client: httpx.AsyncClient) -> httpx.AsyncClient:
        self._stack.push_async_callback(client.aclose)
        return client


async def _call(http: httpx.AsyncClient, url: str, held: Tokens) -> httpx.Response:
    return await http.get(url, headers={"Authorization": f"Bearer {held.access}"})


def _claims_of(answer: httpx.Response) -> dict[str, Any] | None:
    """The claims challenge of a resource (Microsoft identity platform); None for a token that is simply too old."""
    found = _CHALLENGE.search(answer.headers.get("www-authenticate", ""))
    if found is None:
        return None
    try:
        claims = json.loads(base64.b64decode(found[1], validate=True))
    except ValueError as error:
        raise BrokenError("the resource's claims challenge cannot be read") from error
    if not isinstance(claims, dict):
        raise BrokenError("the resource's claims challenge cannot be read")
    return claims
