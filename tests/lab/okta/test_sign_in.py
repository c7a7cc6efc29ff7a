"""Signing in from inside and outside the tunnel's zone, and what the org writes down about it."""

from __future__ import annotations

import pytest

from lab.okta.acme import APP_LABEL, CLIENT_ID, LOGIN, OLD_ADDRESS, ZONE_NAME, ZONE_RULE
from lab.okta.policy.rule import CATCH_ALL

pytestmark = pytest.mark.anyio

INSIDE, OUTSIDE, OFFICE = OLD_ADDRESS, "127.43.8.7", "127.44.0.8"


def _evaluations(world):
    return [
        (
            event["outcome"]["result"],
            event["client"]["ipAddress"],
            event["client"]["zone"],
            event["target"][1]["displayName"],
        )
        for event in world.org.log.of_type("policy.evaluate_sign_on")
    ]


async def test_inside_the_zone_the_first_rule_lets_in(world):
    answer = await world.browser(INSIDE).sign_in()
    assert set(answer) == {"code", "state"}
    assert answer["state"] == "state-1"
    assert _evaluations(world) == [("ALLOW", INSIDE, ZONE_NAME, ZONE_RULE)]


async def test_any_entry_of_the_zone_counts(world):
    assert "code" in await world.browser(OFFICE).sign_in()


async def test_outside_the_zone_the_catch_all_denies(world):
    answer = await world.browser(OUTSIDE).sign_in()
    assert answer["error"] == "access_denied"
    assert answer["state"] == "state-1"
    assert "code" not in answer
    assert _evaluations(world) == [("DENY", OUTSIDE, "null", CATCH_ALL)]


async def test_the_log_event_has_the_recorded_shape(world):
    await world.browser(OUTSIDE, **{"User-Agent": "Outlook/4.2"}).sign_in()
    [event] = world.org.log.of_type("policy.evaluate_sign_on")
    assert event["displayMessage"] == "Evaluation of sign-on policy"
    assert event["outcome"] == {"result": "DENY", "reason": "Sign-on policy evaluation resulted in DENY"}
    assert event["published"] == "2026-05-04T12:00:00.250Z"
    assert event["actor"]["alternateId"] == LOGIN
    assert event["client"]["userAgent"]["rawUserAgent"] == "Outlook/4.2"
    assert [(hop["ip"], hop["version"]) for hop in event["request"]["ipChain"]] == [(OUTSIDE, "V4")]
    assert [(target["type"], target["displayName"]) for target in event["target"]] == [
        ("AppInstance", APP_LABEL),
        ("Rule", CATCH_ALL),
    ]
    assert event["target"][1]["detailEntry"] == {"policyRuleFactorMode": "2FA"}


async def test_a_wrong_password_shows_the_form_again_and_starts_no_session(world):
    browser = world.browser(INSIDE)
    page = await browser.submit(await browser.authorize(), password="wrong")
    assert page.status_code == 401
    assert "Unable to sign in" in page.text
    assert "idx" not in browser.http.cookies
    [event] = world.org.log.of_type("user.session.start")
    assert event["outcome"] == {"result": "FAILURE", "reason": "INVALID_CREDENTIALS"}
    assert (await browser.submit(page)).status_code == 302


async def test_an_unknown_user_gets_the_same_answer_as_a_wrong_password(world):
    browser = world.browser(INSIDE)
    page = await browser.authorize()
    known = await browser.submit(page, password="wrong")
    unknown = await browser.submit(page, login="bob@acme.example")
    assert (known.status_code, known.text.replace(LOGIN, "")) == (
        unknown.status_code,
        unknown.text.replace("bob@acme.example", ""),
    )


async def test_a_login_is_not_case_sensitive(world):
    browser = world.browser(INSIDE)
    assert (await browser.submit(await browser.authorize(), login=LOGIN.upper())).status_code == 302


async def test_the_form_does_not_take_what_it_shows_for_markup(world):
    browser = world.browser(INSIDE)
    page = await browser.submit(await browser.authorize(), login='"><script>x</script>')
    assert "<script>" not in page.text


async def test_the_session_cookie_is_kept_from_scripts_and_plain_http(world):
    browser = world.browser(INSIDE)
    answer = await browser.submit(await browser.authorize())
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("idx=")
    for attribute in ("secure", "httponly", "samesite=lax", "path=/"):
        assert attribute in cookie


async def test_with_a_session_the_form_stays_away_but_the_policy_does_not(world):
    browser = world.browser(INSIDE)
    await browser.sign_in()
    assert "code" in await browser.access()
    outside = world.browser(OUTSIDE)
    outside.http.cookies = browser.http.cookies
    assert (await outside.access())["error"] == "access_denied"
    assert [outcome for outcome, *_ in _evaluations(world)] == ["ALLOW", "ALLOW", "DENY"]
    assert len(world.org.log.of_type("user.session.start")) == 1


async def test_a_denied_sign_in_leaves_a_session_that_works_inside(world):
    outside = world.browser(OUTSIDE)
    await outside.sign_in()
    inside = world.browser(INSIDE)
    inside.http.cookies = outside.http.cookies
    assert "code" in await inside.access()


async def test_prompt_login_asks_again_in_spite_of_a_session(world):
    browser = world.browser(INSIDE)
    await browser.sign_in()
    page = await browser.authorize(prompt="login")
    assert page.status_code == 200
    assert 'type="password"' in page.text


async def test_prompt_none_without_a_session_is_told_so(world):
    answer = await world.browser(INSIDE).access(prompt="none")
    assert answer["error"] == "login_required"


async def test_a_session_older_than_the_rule_accepts_is_asked_again(world):
    browser = world.browser(INSIDE)
    await browser.sign_in()
    await _change_rule(world, factorMode="1FA", reauthenticateIn="PT30M")
    world.clock.move(minutes=31)
    assert (await browser.access(prompt="none"))["error"] == "login_required"
    page = await browser.authorize()
    assert 'type="password"' in page.text
    assert (await browser.submit(page)).headers["location"].count("code=")
    assert [outcome for outcome, *_ in _evaluations(world)] == ["ALLOW", "CHALLENGE", "CHALLENGE", "ALLOW"]


async def test_a_rule_that_wants_a_second_factor_lets_nobody_in(world):
    await _change_rule(world, factorMode="2FA", reauthenticateIn="PT12H")
    assert (await world.browser(INSIDE).sign_in())["error"] == "access_denied"


async def _change_rule(world, **method):
    policy = world.org.policies.get(world.org.apps[CLIENT_ID].policy_id)
    rule = next(rule for rule in policy.rules if rule.name == ZONE_RULE)
    body = {"name": rule.name, "conditions": rule.conditions, "priority": rule.priority}
    body["actions"] = {"appSignOn": {"access": "ALLOW", "verificationMethod": {"type": "ASSURANCE", **method}}}
    answer = await world.api().put(f"/api/v1/policies/{policy.id}/rules/{rule.id}", json=body)
    assert answer.status_code == 200, answer.text


async def test_an_expired_sign_in_page_starts_over(world):
    browser = world.browser(INSIDE)
    page = await browser.authorize()
    world.clock.move(minutes=11)
    answer = await browser.submit(page)
    assert answer.status_code == 400
    assert "expired" in answer.text


async def test_a_sign_in_page_works_once(world):
    browser = world.browser(INSIDE)
    page = await browser.authorize()
    assert (await browser.submit(page)).status_code == 302
    assert (await browser.submit(page)).status_code == 400


async def test_a_browser_names_its_origin_when_it_posts_the_form(world):
    """With `no-referrer` it would say `Origin: null` (Fetch, "append a request Origin header")."""
    browser = world.browser(INSIDE)
    page = await browser.authorize()
    assert page.headers["referrer-policy"] == "same-origin"
    browser.http.headers["Origin"] = world.url
    assert (await browser.submit(page)).status_code == 302
    browser.http.headers["Origin"] = "null"
    assert (await browser.submit(await browser.authorize(prompt="login"))).status_code == 403


async def test_another_site_cannot_post_the_form(world):
    browser = world.browser(INSIDE, Origin="https://evil.example")
    assert (await browser.submit(await browser.authorize())).status_code == 403


@pytest.mark.parametrize(
    ("change", "error"),
    [
        pytest.param({"state": ""}, "invalid_request", id="no-state"),
        pytest.param({"code_challenge": ""}, "invalid_request", id="no-pkce"),
        pytest.param({"code_challenge_method": "plain"}, "invalid_request", id="pkce-plain"),
        pytest.param({"code_challenge_method": ""}, "invalid_request", id="pkce-method-left-out"),
        pytest.param({"code_challenge": "too-short"}, "invalid_request", id="pkce-challenge-malformed"),
        pytest.param({"response_type": "token"}, "unsupported_response_type", id="implicit"),
        pytest.param({"scope": "profile"}, "invalid_scope", id="no-openid"),
        pytest.param({"scope": "openid everything"}, "invalid_scope", id="unknown-scope"),
        pytest.param({"prompt": "consent"}, "invalid_request", id="unknown-prompt"),
    ],
)
async def test_a_bad_request_of_a_known_app_is_told_to_the_app(world, change, error):
    assert (await world.browser(INSIDE).access(**change))["error"] == error


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"client_id": "0oaunknown"}, id="unknown-client"),
        pytest.param({"redirect_uri": "com.evil:/callback"}, id="foreign-redirect"),
        pytest.param({"redirect_uri": ""}, id="no-redirect"),
    ],
)
async def test_a_request_that_cannot_be_trusted_is_never_redirected(world, change):
    answer = await world.browser(INSIDE).authorize(**change)
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_forwarded_for_is_not_believed_from_a_stranger(world):
    answer = await world.browser(OUTSIDE, **{"X-Forwarded-For": INSIDE}).sign_in()
    assert answer["error"] == "access_denied"
    assert _evaluations(world)[0][1] == OUTSIDE


async def test_forwarded_for_is_believed_from_a_trusted_proxy_of_the_zone(world):
    await _put_zone(world, gateways=[{"type": "RANGE", "value": INSIDE}], proxies=[{"type": "RANGE", "value": OUTSIDE}])
    answer = await world.browser(OUTSIDE, **{"X-Forwarded-For": INSIDE}).sign_in()
    assert "code" in answer
    [event] = world.org.log.of_type("policy.evaluate_sign_on")
    assert event["client"]["ipAddress"] == INSIDE
    assert [hop["ip"] for hop in event["request"]["ipChain"]] == [INSIDE, OUTSIDE]


async def test_a_blocklist_comes_before_every_policy_and_page(world):
    blocked = {
        "type": "IP",
        "name": "Blocked office",
        "usage": "BLOCKLIST",
        "gateways": [{"type": "CIDR", "value": "127.44.0.0/24"}],
    }
    assert (await world.api().post("/api/v1/zones", json=blocked)).status_code == 200
    client = world.client(OFFICE)
    for path in ("/oauth2/v1/authorize", "/.well-known/openid-configuration", "/api/v1/zones"):
        answer = await client.get(path)
        assert (answer.status_code, "Access Forbidden" in answer.text) == (403, True)
    assert len(world.org.log.of_type("security.request.blocked")) == 3
    assert "code" in await world.browser(INSIDE).sign_in()


async def _put_zone(world, **content):
    zone = world.org.zones.named(ZONE_NAME)
    body = {"type": "IP", "name": zone.name, "status": "ACTIVE", "usage": "POLICY", **content}
    assert (await world.api().put(f"/api/v1/zones/{zone.id}", json=body)).status_code == 200
