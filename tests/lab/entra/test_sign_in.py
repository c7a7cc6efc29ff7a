"""Signing in from inside and outside the named location, and what the tenant writes down about it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from lab.entra.acme import APP_NAME, CLIENT_ID, LOCATION_NAME, LOGIN, POLICY_NAME, TENANT_ID
from lab.entra.policy import State

pytestmark = pytest.mark.anyio

INSIDE, OUTSIDE, OFFICE = "127.42.0.99", "127.43.8.7", "127.44.0.8"


def _seen(world):
    return [(entry["ipAddress"], entry["status"]["errorCode"]) for entry in world.tenant.log.entries]


async def test_inside_the_location_a_code_is_given(world):
    answer = await world.browser(INSIDE).sign_in()
    assert set(answer) == {"code", "state"}
    assert answer["state"] == "state-1"
    [entry] = world.tenant.log.entries
    assert (entry["ipAddress"], entry["status"]["errorCode"]) == (INSIDE, 0)
    assert (entry["userPrincipalName"], entry["appDisplayName"]) == (LOGIN, APP_NAME)
    assert entry["conditionalAccessStatus"] == "notApplied"
    assert [(applied["displayName"], applied["result"]) for applied in entry["appliedConditionalAccessPolicies"]] == [
        (POLICY_NAME, "notApplied")
    ]


async def test_any_range_of_the_location_counts(world):
    assert "code" in await world.browser(OFFICE).sign_in()


async def test_outside_the_location_a_page_says_53003(world):
    browser = world.browser(OUTSIDE)
    answer = await browser.submit(await browser.authorize())
    assert answer.status_code == 200
    assert "location" not in answer.headers
    for words in ("AADSTS53003", "Conditional Access", OUTSIDE, APP_NAME):
        assert words in answer.text
    [entry] = world.tenant.log.entries
    assert entry["status"]["errorCode"] == 53003
    assert entry["conditionalAccessStatus"] == "failure"
    assert [(applied["displayName"], applied["result"]) for applied in entry["appliedConditionalAccessPolicies"]] == [
        (POLICY_NAME, "failure")
    ]


async def test_an_app_that_wants_no_page_is_told_by_redirect(world):
    browser = world.browser(OUTSIDE)
    await browser.submit(await browser.authorize())
    answer = await browser.access(prompt="none")
    assert answer["error"] == "access_denied"
    assert answer["error_description"].startswith("AADSTS53003: ")
    assert answer["state"] == "state-1"


async def test_a_forwarded_address_does_not_count(world):
    browser = world.browser(OUTSIDE, **{"X-Forwarded-For": INSIDE})
    assert "AADSTS53003" in (await browser.submit(await browser.authorize())).text
    assert _seen(world) == [(OUTSIDE, 53003)]


async def test_a_session_makes_the_form_go_away_but_not_the_policy(world):
    inside = world.browser(INSIDE)
    await inside.sign_in()
    assert "code" in await inside.access()
    outside = world.browser(OUTSIDE)
    outside.http.cookies = inside.http.cookies
    answer = await outside.authorize()
    assert "AADSTS53003" in answer.text
    assert _seen(world) == [(INSIDE, 0), (INSIDE, 0), (OUTSIDE, 53003)]


async def test_the_emergency_account_comes_in_from_anywhere(world, break_glass):
    browser = world.browser(OUTSIDE)
    answer = await browser.submit(await browser.authorize(), **break_glass)
    assert "code=" in answer.headers["location"]


@pytest.mark.parametrize(
    ("state", "comes_in", "result"),
    [
        pytest.param(State.ENABLED, False, "failure", id="enabled"),
        pytest.param(State.REPORT_ONLY, True, "reportOnlyFailure", id="report-only"),
        pytest.param(State.DISABLED, True, "notEnabled", id="disabled"),
    ],
)
async def test_only_an_enabled_policy_blocks(world, state, comes_in, result):
    [policy] = world.tenant.policies.all()
    world.tenant.policies.install(replace(policy, state=state))
    browser = world.browser(OUTSIDE)
    answer = await browser.submit(await browser.authorize())
    assert ("location" in answer.headers) is comes_in
    [entry] = world.tenant.log.entries
    assert entry["appliedConditionalAccessPolicies"][0]["result"] == result


async def test_trusted_locations_can_be_excluded_together(world):
    [policy] = world.tenant.policies.all()
    locations = {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}
    world.tenant.policies.install(replace(policy, conditions={**policy.conditions, "locations": locations}))
    browser = world.browser(INSIDE)
    assert "AADSTS53003" in (await browser.submit(await browser.authorize())).text
    location = next(found for found in world.tenant.locations.stored() if found.display_name == LOCATION_NAME)
    body = {"@odata.type": "#microsoft.graph.ipNamedLocation", "isTrusted": True}
    graph = await world.graph()
    path = f"/v1.0/identity/conditionalAccess/namedLocations/{location.id}"
    assert (await graph.patch(path, json=body)).status_code == 204
    assert "code" in await browser.access()


async def test_a_wrong_password_shows_the_form_again_and_starts_no_session(world):
    browser = world.browser(INSIDE)
    page = await browser.submit(await browser.authorize(), password="wrong")
    assert "incorrect" in page.text
    assert not browser.http.cookies
    assert _seen(world) == [(INSIDE, 50126)]
    assert (await browser.submit(page)).status_code == 302


async def test_the_form_does_not_take_what_it_shows_for_markup(world):
    browser = world.browser(INSIDE)
    page = await browser.submit(await browser.authorize(), login='"><script>x</script>')
    assert "<script>" not in page.text


async def test_the_session_cookie_is_kept_from_scripts_and_plain_http(world):
    browser = world.browser(INSIDE)
    cookie = (await browser.submit(await browser.authorize())).headers["set-cookie"].lower()
    assert cookie.startswith("estsauth=")
    for attribute in ("secure", "httponly", "samesite=lax", "path=/"):
        assert attribute in cookie


async def test_a_sign_in_page_works_once_and_not_for_ever(world):
    browser = world.browser(INSIDE)
    page = await browser.authorize()
    await browser.submit(page)
    assert (await browser.submit(page)).status_code == 400
    late = await browser.authorize(prompt="login")
    world.clock.move(minutes=11)
    assert (await browser.submit(late)).status_code == 400


async def test_a_browser_names_its_origin_when_it_posts_the_form(world):
    """With `no-referrer` it would say `Origin: null` (Fetch, "append a request Origin header")."""
    browser = world.browser(INSIDE)
    page = await browser.authorize()
    assert page.headers["referrer-policy"] == "same-origin"
    browser.http.headers["Origin"] = world.url
    assert (await browser.submit(page)).status_code == 302
    browser.http.headers["Origin"] = "null"
    assert (await browser.submit(await browser.authorize(prompt="login"))).status_code == 400


async def test_another_site_cannot_post_the_form(world):
    browser = world.browser(INSIDE, Origin="https://evil.example")
    assert (await browser.submit(await browser.authorize())).status_code == 400


async def test_prompt_none_without_a_session_is_told_so(world):
    answer = await world.browser(INSIDE).access(prompt="none")
    assert answer["error"] == "login_required"
    assert answer["error_description"].startswith("AADSTS50058")


@pytest.mark.parametrize(
    ("change", "error", "number"),
    [
        pytest.param({"response_type": "id_token"}, "unsupported_response_type", 700054, id="implicit"),
        pytest.param({"scope": "profile"}, "invalid_scope", 70011, id="no-openid"),
        pytest.param({"code_challenge_method": "plain"}, "invalid_request", 9002313, id="pkce-plain"),
        pytest.param({"code_challenge": "short"}, "invalid_request", 9002313, id="pkce-malformed"),
        pytest.param({"prompt": "dance"}, "invalid_request", 90023, id="unknown-prompt"),
    ],
)
async def test_a_bad_request_of_a_known_app_is_told_to_the_app(world, change, error, number):
    answer = await world.browser(INSIDE).access(**change)
    assert (answer["error"], answer["error_description"].split(":")[0]) == (error, f"AADSTS{number}")


@pytest.mark.parametrize(
    ("tenant", "change", "number"),
    [
        pytest.param(TENANT_ID, {"client_id": "00000000-0000-0000-0000-000000000001"}, 700016, id="unknown-client"),
        pytest.param(TENANT_ID, {"redirect_uri": "com.evil://x"}, 50011, id="foreign-redirect"),
        pytest.param("contoso.example", {}, 90002, id="other-tenant"),
    ],
)
async def test_a_request_that_cannot_be_trusted_is_never_redirected(world, tenant, change, number):
    answer = await world.browser(INSIDE).authorize(tenant, **change)
    assert (answer.status_code, f"AADSTS{number}" in answer.text) == (400, True)
    assert "location" not in answer.headers


async def test_a_tenant_can_be_named_by_its_domain(world):
    assert (await world.browser(INSIDE).authorize("acme.example")).status_code == 200


async def test_the_id_token_verifies_with_the_published_keys(world):
    browser = world.browser(INSIDE)
    described = (await browser.http.get(f"/{TENANT_ID}/v2.0/.well-known/openid-configuration")).json()
    tokens = (await browser.redeem((await browser.sign_in())["code"])).json()
    keys = KeySet.import_key_set((await browser.http.get(described["jwks_uri"])).json())
    claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
    now = int(world.clock().timestamp())
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (described["issuer"], CLIENT_ID, "nonce-1")
    assert (claims["tid"], claims["ver"], claims["preferred_username"]) == (TENANT_ID, "2.0", LOGIN)
    assert (claims["iat"], claims["exp"]) == (now, now + 3599)
    assert claims["oid"] == world.tenant.user_named(LOGIN).id
    assert claims["sub"] != claims["oid"]


async def test_discovery_uses_the_host_that_was_asked(world):
    path = f"/{TENANT_ID}/v2.0/.well-known/openid-configuration"
    client = world.client(INSIDE, Host="login.microsoftonline.com")
    described = (await client.get(path)).json()
    assert described["issuer"] == f"https://login.microsoftonline.com/{TENANT_ID}/v2.0"
    assert described["token_endpoint"] == f"https://login.microsoftonline.com/{TENANT_ID}/oauth2/v2.0/token"


@pytest.mark.parametrize(
    ("change", "error", "number"),
    [
        pytest.param({"code_verifier": ""}, "invalid_grant", 501481, id="no-verifier"),
        pytest.param({"code_verifier": "x" * 64}, "invalid_grant", 501481, id="wrong-verifier"),
        pytest.param({"redirect_uri": "com.evil://x"}, "invalid_grant", 500112, id="other-redirect"),
        pytest.param({"code": "guess"}, "invalid_grant", 70008, id="unknown-code"),
        pytest.param({"client_id": "nobody"}, "unauthorized_client", 700016, id="unknown-client"),
        pytest.param({"grant_type": "password"}, "unsupported_grant_type", 70003, id="password-grant"),
    ],
)
async def test_a_bad_token_request_is_refused_in_the_documented_shape(world, change, error, number):
    browser = world.browser(INSIDE)
    answer = await browser.redeem((await browser.sign_in())["code"], **change)
    body = answer.json()
    assert answer.status_code == 400
    assert list(body) == [
        *("error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id"),
    ]
    assert (body["error"], body["error_codes"]) == (error, [number])
    lines = body["error_description"].split("\r\n")
    assert lines[0].startswith(f"AADSTS{number}: ")
    assert lines[1:] == [
        f"Trace ID: {body['trace_id']}",
        f"Correlation ID: {body['correlation_id']}",
        "Timestamp: 2026-05-04 12:00:00Z",
    ]


async def test_a_code_works_once_and_for_ten_minutes(world):
    browser = world.browser(INSIDE)
    code = (await browser.sign_in())["code"]
    assert (await browser.redeem(code)).status_code == 200
    assert (await browser.redeem(code)).status_code == 400
    late = (await browser.access())["code"]
    world.clock.move(minutes=11)
    assert (await browser.redeem(late)).status_code == 400


async def test_a_code_without_pkce_needs_no_verifier(world):
    browser = world.browser(INSIDE)
    code = (await browser.sign_in(code_challenge="", code_challenge_method=""))["code"]
    assert (await browser.redeem(code, code_verifier="")).status_code == 200


async def test_a_refresh_is_judged_by_conditional_access(world):
    inside, outside = world.browser(INSIDE), world.browser(OUTSIDE)
    token = (await inside.redeem((await inside.sign_in())["code"])).json()["refresh_token"]
    refused = await outside.refresh(token)
    assert refused.status_code == 400
    assert (refused.json()["error"], refused.json()["error_codes"]) == ("invalid_grant", [53003])
    renewed = await inside.refresh(token)
    assert renewed.status_code == 200
    assert renewed.json()["refresh_token"] != token
    assert [
        (entry["isInteractive"], *seen) for entry, seen in zip(world.tenant.log.entries, _seen(world), strict=True)
    ] == [
        (True, INSIDE, 0),
        (False, OUTSIDE, 53003),
        (False, INSIDE, 0),
    ]


async def test_a_refresh_token_is_only_given_when_asked_for_and_only_good_for_its_app(world):
    browser = world.browser(INSIDE)
    without = await browser.redeem((await browser.sign_in(scope="openid profile"))["code"])
    assert "refresh_token" not in without.json()
    token = (await browser.redeem((await browser.access())["code"])).json()["refresh_token"]
    assert (await browser.refresh(token, client_id="nobody")).json()["error_codes"] == [700016]
    assert (await browser.refresh("guess")).json()["error"] == "invalid_grant"
