"""Authlib's OpenID client, unmodified, as an app of a device at the emulated Okta.

The library finds the provider by its metadata, makes state, nonce and PKCE, redeems the code, fetches the keys and
checks the ID token; every one of these requests goes by the device's proxy and the gateway.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuthError
from authlib.integrations.starlette_client import OAuth
from client_lab import BREAKS_POLICY, COMPLIANT, UNMANAGED, ClientLab
from starlette.requests import Request

from lab import okta
from lab.device import Path
from lab.logbooks import Pages
from lab.network import LOOPBACK, OKTA_HOST

METADATA = f"https://{OKTA_HOST}/.well-known/openid-configuration"


class Program:
    """A program that signs its user in with Authlib, on one of the devices."""

    def __init__(self, lab: ClientLab, device: str) -> None:
        self._lab = lab
        self._device = device
        self._session: dict[str, Any] = {}
        self.connecting: dict[str, Any] = {
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
                **self.connecting,
            },
        )
        self._provider = oauth.okta

    def sign_in(self) -> dict[str, Any]:
        """The tokens, with what the library has read in the ID token."""
        begun = self._lab.wait_for(lambda: self._provider.authorize_redirect(self._asked(), okta.acme.REDIRECT_URI))
        back = self._lab.sign_in(self._device, begun.headers["location"], okta.acme.REDIRECT_URI)
        token: dict[str, Any] = self._lab.wait_for(
            lambda: self._provider.authorize_access_token(self._asked(urlencode(back).encode()))
        )
        return token

    def refresh(self, token: dict[str, Any]) -> dict[str, Any]:
        async def work() -> dict[str, Any]:
            metadata = await self._provider.load_server_metadata()
            async with AsyncOAuth2Client(okta.acme.CLIENT_ID, token=token, **self.connecting) as client:
                refreshed: dict[str, Any] = await client.refresh_token(metadata["token_endpoint"])
            return refreshed

        return self._lab.wait_for(work)

    def _asked(self, query: bytes = b"") -> Request:
        """A request of the program's user, whose session the library keeps state, nonce and verifier in."""
        return Request({"type": "http", "session": self._session, "query_string": query, "headers": []})


def hosts(found: Pages) -> set[tuple[str, Path]]:
    return {(attempt.host, attempt.route.path) for attempt in found.attempts}


def test_the_library_signs_in_checks_the_token_and_refreshes(lab: ClientLab) -> None:
    begin = lab.mark()
    program = Program(lab, COMPLIANT)
    token = program.sign_in()
    assert token["userinfo"]["preferred_username"] == okta.acme.LOGIN
    assert token["userinfo"]["iss"] == f"https://{OKTA_HOST}"
    again = program.refresh(token)
    assert again["access_token"] != token["access_token"]
    assert again["refresh_token"] != token["refresh_token"]

    found = lab.pages_since(begin)
    assert hosts(found) == {(OKTA_HOST, Path.TUNNEL)}
    assert {(record.admitted, record.rule) for record in found.decisions} == {(True, "identity-providers")}
    assert {event["client"]["ipAddress"] for event in found.okta_events} <= set(LOOPBACK.egress)
    outcomes = [
        event["outcome"]["result"] for event in found.okta_events if event["eventType"] == "policy.evaluate_sign_on"
    ]
    assert set(outcomes) == {"ALLOW"}


def test_a_device_that_is_not_compliant_gets_no_further_than_the_gateway(lab: ClientLab) -> None:
    begin = lab.mark()
    with pytest.raises(httpx.ProxyError, match="403"):
        Program(lab, BREAKS_POLICY).sign_in()
    found = lab.pages_since(begin)
    assert {(record.admitted, record.reason) for record in found.decisions} == {(False, "device-not-compliant")}
    assert found.okta_events == ()


def test_a_device_without_a_profile_is_denied_by_okta(lab: ClientLab) -> None:
    begin = lab.mark()
    with pytest.raises(OAuthError, match="access_denied"):
        Program(lab, UNMANAGED).sign_in()
    found = lab.pages_since(begin)
    assert hosts(found) == {(OKTA_HOST, Path.DIRECT)}
    assert found.decisions == ()
    [judged] = [event for event in found.okta_events if event["eventType"] == "policy.evaluate_sign_on"]
    assert judged["outcome"]["result"] == "DENY"
    assert judged["client"]["ipAddress"] == lab.world.devices[UNMANAGED].address
