"""Second factors, Okta Verify, the global session policy, and how long a session lives."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lab.device.forms import read_page
from lab.okta.acme import CLIENT_ID, LOGIN, OLD_ADDRESS, REDIRECT_URI, ZONE_NAME, ZONE_RULE
from lab.okta.knobs import Knobs
from lab.okta.network_restriction import NetworkRestriction
from lab.openid.passwords import SecretDigest

pytestmark = pytest.mark.anyio

INSIDE, OUTSIDE, CODE = OLD_ADDRESS, "127.43.8.7", "271828"


def _app_policy(world):
    return world.org.policies.get(world.org.apps[CLIENT_ID].policy_id)


async def _change_app_rule(world, conditions=None, **method):
    policy = _app_policy(world)
    rule = next(rule for rule in policy.rules if rule.name == ZONE_RULE)
    body = {"name": rule.name, "conditions": {**rule.conditions, **(conditions or {})}, "priority": rule.priority}
    body["actions"] = {"appSignOn": {"access": "ALLOW", "verificationMethod": {"factorMode": "1FA", **method}}}
    answer = await world.api().put(f"/api/v1/policies/{policy.id}/rules/{rule.id}", json=body)
    assert answer.status_code == 200, answer.text


async def _add_session_rule(world, access="ALLOW", conditions=None, **signon):
    [policy] = world.org.policies.of_type("OKTA_SIGN_ON")
    body = {"type": "SIGN_ON", "name": "First", "priority": 0, "conditions": conditions or {}}
    body["actions"] = {"signon": {"access": access, **signon}}
    answer = await world.api().post(f"/api/v1/policies/{policy.id}/rules", json=body)
    assert answer.status_code == 200, answer.text


def _give_second_factor(world):
    world.org.add_user(replace(world.org.users[LOGIN], second_factor=SecretDigest.of(CODE)))


async def _answer(browser, page, code):
    form = read_page(page.text, str(page.url)).form
    assert form is not None
    return await browser.http.post(form.action, data={**form.filled("", ""), "answer": code})


async def test_a_rule_with_two_factors_asks_for_the_second(world):
    _give_second_factor(world)
    await _change_app_rule(world, factorMode="2FA")
    browser = world.browser(INSIDE)
    page = await browser.submit(await browser.authorize())
    assert "Verify it&#39;s you" in page.text or "Verify it's you" in page.text
    wrong = await _answer(browser, page, "000000")
    assert wrong.status_code == 401
    done = await _answer(browser, wrong, CODE)
    assert "code=" in done.headers["location"]
    assert "code" in await browser.access(), "the session has both factors now"
    outcomes = [event["outcome"]["result"] for event in world.org.log.of_type("user.authentication.auth_via_mfa")]
    assert outcomes == ["FAILURE", "SUCCESS"]


async def test_a_second_factor_shows_in_the_id_token(world):
    _give_second_factor(world)
    await _change_app_rule(world, factorMode="2FA")
    browser = world.browser(INSIDE)
    done = await _answer(browser, await browser.submit(await browser.authorize()), CODE)
    code = done.headers["location"].partition("code=")[2].partition("&")[0]
    claims = world.org.tokens.key.read((await browser.redeem(code)).json()["id_token"])
    assert claims["amr"] == ["mfa", "otp", "pwd"]


async def test_okta_verify_of_a_managed_device_meets_device_conditions(world, password):
    device = {"registered": True, "managed": True}
    await _change_app_rule(world, conditions={"device": device}, factorMode="2FA")
    assert (await world.browser(INSIDE).sign_in())["error"] == "access_denied"
    profile = {"displayName": "Anna's iPhone", "platform": "IOS", "udid": "00008101-000A1C2E3F40001E"}
    enrolment = {"login": LOGIN, "password": password, "profile": profile, "managed": True}
    enrolled = (await world.client(INSIDE).post("/lab/okta-verify", json=enrolment)).json()
    browser = world.browser(INSIDE)
    assert "code=" in (await _with_okta_verify(browser, enrolled["key"])).headers["location"]
    assert "code" in await browser.access()
    api = world.api()
    assert (await api.post(f"/api/v1/devices/{enrolled['deviceId']}/lifecycle/suspend")).status_code == 204
    assert (await browser.authorize()).status_code == 200, "the session that the device made is gone"
    assert "error=access_denied" in (await _with_okta_verify(browser, enrolled["key"])).headers["location"]
    assert "code" not in await world.browser(INSIDE).sign_in()


async def _with_okta_verify(browser, key):
    page = await browser.authorize(prompt="login")
    form = read_page(page.text, str(page.url)).form
    return await browser.http.post(form.action, data=form.filled(LOGIN, browser.password) | {"oktaVerify": key})


async def test_suspending_a_device_leaves_sessions_made_without_it(world, password):
    profile = {"displayName": "Anna's iPhone", "platform": "IOS"}
    enrolment = {"login": LOGIN, "password": password, "profile": profile}
    enrolled = (await world.client(INSIDE).post("/lab/okta-verify", json=enrolment)).json()
    browser = world.browser(INSIDE)
    await browser.sign_in()
    await world.api().post(f"/api/v1/devices/{enrolled['deviceId']}/lifecycle/suspend")
    assert "code" in await browser.access()


async def test_a_stranger_enrols_nothing(world):
    body = {"login": LOGIN, "password": "wrong", "profile": {"displayName": "X", "platform": "IOS"}}
    assert (await world.client(INSIDE).post("/lab/okta-verify", json=body)).status_code == 401
    assert world.org.devices.all() == []


def _account_management(world):
    return next(each for each in world.org.policies.of_type("ACCESS_POLICY") if each.system)


async def test_enrolment_is_a_side_door_until_its_own_policy_closes_it(world, password):
    profile = {"displayName": "A stranger's phone", "platform": "ANDROID"}
    enrolment = {"login": LOGIN, "password": password, "profile": profile}
    street = world.client(OUTSIDE)
    assert (await street.post("/lab/okta-verify", json=enrolment)).status_code == 201
    policy, zone = _account_management(world), world.org.zones.named(ZONE_NAME).id
    rule = {"name": "Outside", "priority": 0, "conditions": {"network": {"connection": "ZONE", "exclude": [zone]}}}
    rule["actions"] = {"appSignOn": {"access": "DENY"}}
    assert (await world.api().post(f"/api/v1/policies/{policy.id}/rules", json=rule)).status_code == 200
    refused = await street.post("/lab/okta-verify", json=enrolment)
    assert (refused.status_code, refused.json()["errorCode"]) == (403, "E0000006")
    assert (await world.client(INSIDE).post("/lab/okta-verify", json=enrolment)).status_code == 201


async def test_enrolment_asks_for_a_second_factor_where_there_is_one(world, password):
    _give_second_factor(world)
    enrolment = {"login": LOGIN, "password": password, "profile": {"displayName": "Phone", "platform": "IOS"}}
    assert (await world.client(INSIDE).post("/lab/okta-verify", json=enrolment)).status_code == 403
    answered = enrolment | {"answer": CODE}
    assert (await world.client(INSIDE).post("/lab/okta-verify", json=answered)).status_code == 201


async def test_the_platform_is_read_from_the_user_agent(world):
    await _change_app_rule(world, conditions={"platform": {"include": [{"type": "MOBILE", "os": {"type": "IOS"}}]}})
    iphone = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"}
    assert "code" in await world.browser(INSIDE, **iphone).sign_in()
    mac = {"User-Agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6)"}
    assert (await world.browser(INSIDE, **mac).sign_in())["error"] == "access_denied"


async def test_a_global_session_rule_denies_before_the_app_s_policy_is_asked(world):
    zone = world.org.zones.named(ZONE_NAME).id
    await _add_session_rule(world, "DENY", {"network": {"connection": "ZONE", "exclude": [zone]}})
    browser = world.browser(OUTSIDE)
    assert (await browser.sign_in())["error"] == "access_denied"
    assert "idx" not in browser.http.cookies
    [event] = world.org.log.of_type("policy.evaluate_sign_on")
    assert event["target"][1]["displayName"] == "First"
    assert "code" in await world.browser(INSIDE).sign_in()


async def test_a_session_outlives_the_tunnel_where_only_the_session_policy_names_the_zone(world):
    """Its conditions are checked when no session exists: afterwards the address may change."""
    zone = world.org.zones.named(ZONE_NAME).id
    await _add_session_rule(world, "DENY", {"network": {"connection": "ZONE", "exclude": [zone]}})
    await _change_app_rule(world, conditions={"network": {"connection": "ANYWHERE"}})
    inside, outside = world.browser(INSIDE), world.browser(OUTSIDE)
    await inside.sign_in()
    outside.http.cookies = inside.http.cookies
    assert "code" in await outside.access()
    assert (await world.browser(OUTSIDE).sign_in())["error"] == "access_denied"


async def test_a_global_session_rule_can_ask_for_a_second_factor(world):
    _give_second_factor(world)
    await _add_session_rule(world, requireFactor=True)
    browser = world.browser(INSIDE)
    page = await browser.submit(await browser.authorize())
    assert "idx" not in browser.http.cookies
    assert "code=" in (await _answer(browser, page, CODE)).headers["location"]


async def test_a_session_ends_when_it_is_idle_and_when_it_is_old(world):
    session = {"maxSessionIdleMinutes": 30, "maxSessionLifetimeMinutes": 75}
    await _add_session_rule(world, session=session)
    browser = world.browser(INSIDE)
    await browser.sign_in()
    for _ in range(3):
        world.clock.move(minutes=24)
        assert "code" in await browser.access()
    world.clock.move(minutes=4)
    assert (await browser.authorize()).status_code == 200, "75 minutes are over"
    await browser.sign_in()
    world.clock.move(minutes=30)
    assert (await browser.access(prompt="none"))["error"] == "login_required"


async def test_signing_out_ends_the_session_and_leaves_tokens(world):
    browser = world.browser(INSIDE)
    tokens = (await browser.redeem((await browser.sign_in(scope="openid offline_access"))["code"])).json()
    query = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": REDIRECT_URI, "state": "s1"}
    foreign = await browser.http.get("/oauth2/v1/logout", params=query | {"post_logout_redirect_uri": "https://evil"})
    assert foreign.status_code == 400
    assert (await browser.http.get("/oauth2/v1/logout", params={"id_token_hint": "none"})).status_code == 400
    assert "code" in await browser.access(), "neither ended anything"
    answer = await browser.http.get("/oauth2/v1/logout", params=query)
    assert (answer.status_code, answer.headers["location"]) == (302, f"{REDIRECT_URI}?state=s1")
    assert (await browser.authorize()).status_code == 200, "the form"
    assert len(world.org.log.of_type("user.session.end")) == 1
    assert (await browser.refresh(tokens["refresh_token"])).status_code == 200


async def test_somebody_else_s_token_signs_nobody_out(world):
    other, browser = world.browser(INSIDE), world.browser(INSIDE)
    await browser.sign_in()
    body = {
        "profile": {"firstName": "B", "lastName": "B", "email": "b@acme.example", "login": "b@acme.example"},
        "credentials": {"password": {"value": "a password"}},
    }
    await world.api().post("/api/v1/users", json=body)
    page = await other.authorize()
    code = (await other.submit(page, login="b@acme.example", password="a password")).headers["location"]
    tokens = (await other.redeem(code.partition("code=")[2].partition("&")[0])).json()
    await browser.http.post("/oauth2/v1/logout", data={"id_token_hint": tokens["id_token"]})
    assert world.org.log.of_type("user.session.end") == []


async def test_a_session_that_moves_is_noticed_and_goes_on(world):
    await _change_app_rule(world, conditions={"network": {"connection": "ANYWHERE"}})
    inside, outside = world.browser(INSIDE), world.browser(OUTSIDE)
    await inside.sign_in()
    assert "code" in await inside.access()
    assert world.org.log.of_type("user.session.context.change") == []
    outside.http.cookies = inside.http.cookies
    assert "code" in await outside.access()
    assert "code" in await outside.access()
    [event] = world.org.log.of_type("user.session.context.change")
    assert event["client"]["ipAddress"] == OUTSIDE


async def test_a_refresh_from_outside_works_unless_the_client_has_a_network(world):
    inside, outside = world.browser(INSIDE), world.browser(OUTSIDE)
    tokens = (await inside.redeem((await inside.sign_in(scope="openid offline_access"))["code"])).json()
    again = await outside.refresh(tokens["refresh_token"])
    assert again.status_code == 200, "app sign-in policies are not asked at the token endpoint"
    app, zone = world.org.apps[CLIENT_ID], world.org.zones.named(ZONE_NAME).id
    world.org.apps[CLIENT_ID] = replace(app, network=NetworkRestriction("ZONE", include=(zone,)))
    refused = await outside.refresh(again.json()["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (403, "access_denied")
    bearer = {"Authorization": f"Bearer {again.json()['access_token']}"}
    assert (await outside.http.get("/oauth2/v1/userinfo", headers=bearer)).status_code == 403
    assert (await inside.refresh(again.json()["refresh_token"])).status_code == 200


async def test_a_token_is_introspected_and_revoked_by_its_client(world):
    browser = world.browser(INSIDE)
    tokens = (await browser.redeem((await browser.sign_in(scope="openid offline_access"))["code"])).json()

    async def active():
        form = {"client_id": CLIENT_ID, "token": tokens["access_token"]}
        return (await browser.http.post("/oauth2/v1/introspect", data=form)).json()

    assert (await active())["username"] == LOGIN
    form = {"client_id": CLIENT_ID, "token": tokens["refresh_token"]}
    assert (await browser.http.post("/oauth2/v1/revoke", data=form)).status_code == 200
    assert await active() == {"active": False}
    assert (await browser.http.post("/oauth2/v1/revoke", data=form)).status_code == 200


async def test_a_widget_is_denied_in_its_own_words(world):
    browser = world.browser(OUTSIDE, Accept="application/ion+json")
    answer = await browser.submit(await browser.authorize())
    assert answer.status_code == 403
    [message] = answer.json()["messages"]["value"]
    assert message == {
        "message": "You do not have permission to perform the requested action.",
        "i18n": {"key": "security.access_denied"},
        "class": "ERROR",
    }


class TestDenialsOnPages:
    @pytest.fixture
    def knobs(self):
        return Knobs(denial_is_redirected=False)

    async def test_the_person_sees_a_page_and_the_app_nothing(self, world):
        browser = world.browser(OUTSIDE)
        answer = await browser.submit(await browser.authorize())
        assert answer.status_code == 403
        assert "You do not have permission" in answer.text
