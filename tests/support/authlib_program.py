"""A program that signs its user in with Authlib, unmodified, by way of one device's proxy.

The library finds the provider by its metadata, makes state, nonce and PKCE, redeems the code, fetches the keys and
checks the ID token.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.integrations.starlette_client import OAuth
from client_lab import ClientLab
from starlette.requests import Request

from lab import okta
from lab.network import OKTA_HOST

METADATA = f"https://{OKTA_HOST}/.well-known/openid-configuration"


class AuthlibProgram:
    """One sign-in at the emulated Okta: `begin` it, let the user go to the page, `finish` it with what came back."""

    def __init__(self, lab: ClientLab, device: str, redirect_uri: str = okta.acme.REDIRECT_URI) -> None:
        self._lab = lab
        self._redirect_uri = redirect_uri
        self._session: dict[str, Any] = {}
        self._connecting: dict[str, Any] = {
            "proxy": lab.proxies[device].url,
            "verify": lab.world.trust,
            "trust_env": False,
            "timeout": 20,
        }
        oauth = OAuth()
        oauth.register(
            "okta",
            client_id=okta.acme.CLIENT_ID,
            server_metadata_url=METADATA,
            client_kwargs={
                "scope": "openid profile email offline_access",
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": "none",
                **self._connecting,
            },
        )
        self._provider = oauth.okta

    def begin(self) -> str:
        """The URL of the login page."""
        answer = self._lab.wait_for(lambda: self._provider.authorize_redirect(self._asked(), self._redirect_uri))
        return str(answer.headers["location"])

    def finish(self, back: Mapping[str, str]) -> dict[str, Any]:
        """The tokens, with what the library has read in the ID token. Raises OAuthError where the provider said no."""
        asked = self._asked(urlencode(back).encode())
        token: dict[str, Any] = self._lab.wait_for(lambda: self._provider.authorize_access_token(asked))
        return token

    def refresh(self, token: dict[str, Any]) -> dict[str, Any]:
        """New tokens for old ones."""

        async def work() -> dict[str, Any]:
            metadata = await self._provider.load_server_metadata()
            async with AsyncOAuth2Client(okta.acme.CLIENT_ID, token=token, **self._connecting) as client:
                refreshed: dict[str, Any] = await client.refresh_token(metadata["token_endpoint"])
            return refreshed

        return self._lab.wait_for(work)

    def _asked(self, query: bytes = b"") -> Request:
        """A request of the program's user, whose session the library keeps state, nonce and verifier in."""
        return Request({"type": "http", "session": self._session, "query_string": query, "headers": []})
