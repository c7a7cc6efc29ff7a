"""Discovery, keys, codes, tokens and userinfo, as an app's OpenID Connect library meets them."""

from __future__ import annotations

import base64
import hashlib

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from lab.okta.acme import CLIENT_ID, LOGIN, OLD_ADDRESS
from lab.okta.org import App

pytestmark = pytest.mark.anyio

INSIDE, OUTSIDE = OLD_ADDRESS, "127.43.8.7"


async def test_discovery_names_endpoints_of_the_host_that_was_asked(world):
    named = (await world.client(OUTSIDE).get("/.well-known/openid-configuration")).json()
    assert named["issuer"] == world.url
    for endpoint in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"):
        assert named[endpoint].startswith(f"{world.url}/oauth2/v1/")
    other = await world.client(OUTSIDE, Host="acme.okta.com").get("/.well-known/openid-configuration")
    assert other.json()["issuer"] == "https://acme.okta.com"


async def test_the_id_token_verifies_with_the_published_keys(world):
    browser = world.browser(INSIDE)
    tokens = (await browser.redeem((await browser.sign_in())["code"])).json()
    keys = KeySet.import_key_set((await browser.http.get("/oauth2/v1/keys")).json())
    token = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"])
    assert token.header["kid"] == next(iter(keys)).kid
    claims = token.claims
    now = int(world.clock().timestamp())
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (world.url, CLIENT_ID, "nonce-1")
    assert (claims["iat"], claims["exp"], claims["auth_time"]) == (now, now + 3600, now)
    assert (claims["sub"], claims["preferred_username"]) == (world.org.user(LOGIN).id, LOGIN)
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()


async def test_the_token_answer_is_complete_and_not_stored(world):
    browser = world.browser(INSIDE)
    answer = await browser.redeem((await browser.sign_in())["code"])
    assert answer.status_code == 200
    assert "no-store" in answer.headers["cache-control"]
    body = answer.json()
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 3600, "openid profile email")
    assert "refresh_token" not in body


async def test_userinfo_answers_to_the_access_token_for_an_hour(world):
    browser = world.browser(INSIDE)
    access = (await browser.redeem((await browser.sign_in())["code"])).json()["access_token"]
    bearer = {"Authorization": f"Bearer {access}"}
    answer = (await browser.http.get("/oauth2/v1/userinfo", headers=bearer)).json()
    assert (answer["sub"], answer["email"]) == (world.org.user(LOGIN).id, LOGIN)
    world.clock.move(minutes=61)
    late = await browser.http.get("/oauth2/v1/userinfo", headers=bearer)
    assert late.status_code == 401
    assert 'error="invalid_token"' in late.headers["www-authenticate"]


async def test_userinfo_tells_only_what_the_scopes_allow(world):
    browser = world.browser(INSIDE)
    access = (await browser.redeem((await browser.sign_in(scope="openid"))["code"])).json()["access_token"]
    answer = await browser.http.get("/oauth2/v1/userinfo", headers={"Authorization": f"Bearer {access}"})
    assert set(answer.json()) == {"sub"}


@pytest.mark.parametrize(
    ("change", "status", "error", "words"),
    [
        pytest.param({"code_verifier": ""}, 400, "invalid_request", "verifier is required", id="no-verifier"),
        pytest.param(
            {"code_verifier": "x" * 64}, 400, "invalid_grant", "PKCE verification failed", id="wrong-verifier"
        ),
        pytest.param({"code_verifier": "short"}, 400, "invalid_grant", "PKCE verification failed", id="short-verifier"),
        pytest.param({"redirect_uri": "com.evil:/"}, 400, "invalid_grant", "redirect_uri", id="other-redirect"),
        pytest.param({"code": "guess"}, 400, "invalid_grant", "invalid or has expired", id="unknown-code"),
        pytest.param({"client_id": "0oanobody"}, 401, "invalid_client", "client_id", id="unknown-client"),
        pytest.param({"client_id": "0oaother"}, 400, "invalid_grant", "another client", id="other-client"),
        pytest.param({"grant_type": ""}, 400, "invalid_request", "grant_type", id="no-grant-type"),
        pytest.param({"grant_type": "password"}, 400, "unsupported_grant_type", "not supported", id="password-grant"),
    ],
)
async def test_a_bad_token_request_is_refused(world, change, status, error, words):
    policy_id = world.org.apps[CLIENT_ID].policy_id
    world.org.apps["0oaother"] = App("0oaother", "Other", frozenset(), policy_id)
    browser = world.browser(INSIDE)
    answer = await browser.redeem((await browser.sign_in())["code"], **change)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert words in answer.json()["error_description"]


async def test_a_code_works_once_and_its_reuse_ends_the_tokens_it_gave(world):
    browser = world.browser(INSIDE)
    code = (await browser.sign_in())["code"]
    access = (await browser.redeem(code)).json()["access_token"]
    assert (await browser.redeem(code)).json()["error"] == "invalid_grant"
    late = await browser.http.get("/oauth2/v1/userinfo", headers={"Authorization": f"Bearer {access}"})
    assert late.status_code == 401


async def test_a_code_lives_for_a_minute(world):
    browser = world.browser(INSIDE)
    code = (await browser.sign_in())["code"]
    world.clock.move(seconds=61)
    assert (await browser.redeem(code)).json()["error"] == "invalid_grant"


async def test_a_refresh_is_not_judged_by_the_app_sign_in_policy(world):
    browser = world.browser(INSIDE)
    tokens = (await browser.redeem((await browser.sign_in(scope="openid offline_access"))["code"])).json()
    refreshed = await world.browser(OUTSIDE).refresh(tokens["refresh_token"])
    assert refreshed.status_code == 200
    assert refreshed.json()["refresh_token"] != tokens["refresh_token"]
    grants = world.org.log.of_type("app.oauth2.token.grant.refresh_token")
    assert [event["client"]["ipAddress"] for event in grants] == [INSIDE, OUTSIDE]


async def test_a_rotated_refresh_token_works_for_the_grace_period_and_then_ends_everything(world):
    browser = world.browser(INSIDE)
    tokens = (await browser.redeem((await browser.sign_in(scope="openid offline_access"))["code"])).json()
    first = tokens["refresh_token"]
    newest = (await browser.refresh(first)).json()["refresh_token"]
    world.clock.move(seconds=29)
    assert (await browser.refresh(first)).status_code == 200
    world.clock.move(seconds=2)
    assert (await browser.refresh(first)).json()["error"] == "invalid_grant"
    assert (await browser.refresh(newest)).json()["error"] == "invalid_grant"
    assert len(world.org.log.of_type("app.oauth2.token.detect_reuse")) == 1
