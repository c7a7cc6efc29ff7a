"""Conditional access policies: written over Graph, judged at sign-ins."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lab.device.forms import read_page
from lab.entra.acme import GRAPH_CLIENT_ID, LOCATION_NAME, LOGIN, POLICY_NAME
from lab.entra.conditional_access import SignInFacts, judge
from lab.entra.named_location import IP, NamedLocation
from lab.entra.policy import Policy, State
from lab.openid.passwords import SecretDigest

pytestmark = pytest.mark.anyio

POLICIES = "/v1.0/identity/conditionalAccess/policies"
INSIDE, OUTSIDE, CODE = "127.42.0.99", "127.43.8.7", "161803"
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def _body(name="Block outside tunnel", *, controls=("block",), state="enabled", **conditions):
    return {
        "displayName": name,
        "state": state,
        "conditions": {
            "clientAppTypes": ["all"],
            "applications": {"includeApplications": ["All"]},
            "users": {"includeUsers": ["All"]},
            **conditions,
        },
        "grantControls": {"operator": "OR", "builtInControls": list(controls)},
    }


def _location(world):
    return next(found for found in world.tenant.locations.stored() if found.display_name == LOCATION_NAME)


async def test_a_policy_is_made_changed_and_deleted(world):
    graph = await world.graph()
    locations = {"includeLocations": ["All"], "excludeLocations": [_location(world).id]}
    made = await graph.post(POLICIES, json=_body(locations=locations))
    assert made.status_code == 201
    body = made.json()
    assert list(body) == [
        "@odata.context",
        *("id", "displayName", "createdDateTime", "modifiedDateTime", "state", "sessionControls", "conditions"),
        "grantControls",
    ]
    assert body["modifiedDateTime"] is None
    assert body["conditions"]["users"] == {
        "includeUsers": ["All"],
        **{name: [] for name in ("excludeUsers", "includeGroups", "excludeGroups", "includeRoles", "excludeRoles")},
    }
    path = f"{POLICIES}/{body['id']}"
    changed = await graph.patch(path, json={"state": "disabled"})
    assert (changed.status_code, changed.content) == (204, b"")
    shown = (await graph.get(path)).json()
    assert (shown["state"], shown["displayName"]) == ("disabled", "Block outside tunnel")
    assert shown["modifiedDateTime"] is not None
    assert (await graph.delete(path)).status_code == 204
    assert (await graph.get(path)).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"displayName": ""}, id="no-name"),
        pytest.param({"state": "on"}, id="unknown-state"),
        pytest.param({"conditions": {"applications": {"includeApplications": ["All"]}}}, id="no-users"),
        pytest.param({"conditions": {"users": {"includeUsers": ["All"]}}}, id="no-applications"),
        pytest.param({"grantControls": None}, id="no-controls"),
        pytest.param({"grantControls": {"builtInControls": ["dance"]}}, id="unknown-control"),
        pytest.param({"grantControls": {"builtInControls": ["block", "mfa"]}}, id="block-and-more"),
        pytest.param({"grantControls": {"operator": "XOR", "builtInControls": ["mfa"]}}, id="unknown-operator"),
    ],
)
async def test_a_policy_that_cannot_be_made_is_refused(world, change):
    before = world.tenant.policies.all()
    answer = await (await world.graph()).post(POLICIES, json=_body() | change)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")
    assert world.tenant.policies.all() == before


async def test_a_policy_names_only_locations_that_exist(world):
    locations = {"includeLocations": ["All"], "excludeLocations": ["11111111-2222-3333-4444-555555555555"]}
    assert (await (await world.graph()).post(POLICIES, json=_body(locations=locations))).status_code == 400


async def test_writing_policies_needs_its_permission(world):
    service = world.tenant.services[GRAPH_CLIENT_ID]
    world.tenant.services[GRAPH_CLIENT_ID] = replace(service, roles=frozenset({"Policy.Read.All"}))
    answer = await (await world.graph()).post(POLICIES, json=_body())
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "Authorization_RequestDenied")


def _give_second_factor(world):
    anna = world.tenant.user_named(LOGIN)
    world.tenant.users[anna.id] = replace(anna, second_factor=SecretDigest.of(CODE))


async def _enter(browser, page, code):
    form = read_page(page.text, str(page.url)).form
    return await browser.http.post(form.action, data=form.filled("", "") | {"otc": code})


async def test_a_second_factor_is_asked_for_and_remembered(world):
    _give_second_factor(world)
    await (await world.graph()).post(POLICIES, json=_body("Two factors", controls=["mfa"]))
    browser = world.browser(INSIDE)
    page = await browser.submit(await browser.authorize())
    wrong = await _enter(browser, page, "000000")
    assert "expected verification code" in wrong.text
    done = await _enter(browser, wrong, CODE)
    code = done.headers["location"].partition("code=")[2].partition("&")[0]
    token = (await browser.redeem(code)).json()["refresh_token"]
    assert (await browser.refresh(token)).status_code == 200
    assert "code" in await browser.access()
    seen = [(entry["status"]["errorCode"], entry["conditionalAccessStatus"]) for entry in world.tenant.log.entries]
    assert seen == [(50076, "failure"), (0, "success"), (0, "success"), (0, "success")]


async def test_a_refresh_is_refused_where_a_factor_has_become_necessary(world):
    browser = world.browser(INSIDE)
    token = (await browser.redeem((await browser.sign_in())["code"])).json()["refresh_token"]
    await (await world.graph()).post(POLICIES, json=_body("Two factors", controls=["mfa"]))
    refused = await browser.refresh(token)
    assert (refused.json()["error"], refused.json()["error_codes"]) == ("invalid_grant", [50076])


async def test_a_device_that_must_be_compliant_is_not(world):
    await (await world.graph()).post(POLICIES, json=_body("Compliant only", controls=["compliantDevice"]))
    browser = world.browser(INSIDE)
    page = await browser.submit(await browser.authorize())
    assert "AADSTS53000" in page.text


EVALUATE = "/v1.0/identity/conditionalAccess/evaluate"


def _what_if(world, address, **more):
    anna = world.tenant.user_named(LOGIN)
    return {
        "signInIdentity": {"@odata.type": "#microsoft.graph.userSignIn", "userId": anna.id},
        "signInContext": {"@odata.type": "#microsoft.graph.applicationContext", "includeApplications": ["any"]},
        "signInConditions": {"clientAppType": "browser", "devicePlatform": "iOS", "ipAddress": address},
        **more,
    }


async def test_what_if_says_which_policies_would_apply_and_why_not(world):
    graph = await world.graph()
    await graph.post(POLICIES, json=_body("Off", state="disabled"))
    await graph.post(POLICIES, json=_body("Androids", platforms={"includePlatforms": ["android"]}))

    async def found(address, **more):
        answer = await graph.post(EVALUATE, json=_what_if(world, address, **more))
        assert answer.status_code == 200, answer.text
        body = answer.json()["value"]
        return [(each["displayName"], each["policyApplies"], each["analysisReasons"]) for each in body]

    rest = [("Off", False, "policyNotEnabled"), ("Androids", False, "devicePlatform")]
    assert await found(INSIDE) == [(POLICY_NAME, False, "location"), *rest]
    assert await found(OUTSIDE) == [(POLICY_NAME, True, "notSet"), *rest]
    assert await found(OUTSIDE, appliedPoliciesOnly=True) == [(POLICY_NAME, True, "notSet")]
    assert world.tenant.log.entries == [], "nobody signed in"


@pytest.mark.parametrize(
    "change",
    [
        {"signInIdentity": None},
        {"signInIdentity": {"@odata.type": "#microsoft.graph.userSignIn", "userId": "nobody"}},
        {"signInIdentity": {"@odata.type": "#microsoft.graph.servicePrincipalSignIn"}},
        {"signInConditions": {"ipAddress": "somewhere"}},
    ],
)
async def test_a_what_if_that_cannot_be_told_is_refused(world, change):
    answer = await (await world.graph()).post(EVALUATE, json=_what_if(world, INSIDE) | change)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")


FACTS = SignInFacts(
    user_id="u1",
    address="203.0.113.10",
    resource_id="r1",
    group_ids=frozenset({"g1"}),
    client_app="browser",
    platform="iOS",
)
TUNNEL = {"ipRanges": [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "203.0.113.0/24"}]}
LOCATION = NamedLocation("l1", IP, "Tunnel", NOW, NOW, {"isTrusted": True, **TUNNEL})


def _policy(controls=("block",), operator="OR", **conditions):
    shown = {"users": {"includeUsers": ["All"]}, "applications": {"includeApplications": ["All"]}, **conditions}
    grant = {"operator": operator, "builtInControls": list(controls)}
    return Policy("p1", "Policy", State.ENABLED, NOW, None, shown, grant, None)


@pytest.mark.parametrize(
    ("conditions", "applies"),
    [
        pytest.param({}, True, id="everything"),
        pytest.param({"users": {"includeUsers": ["u1"]}}, True, id="user"),
        pytest.param({"users": {"includeUsers": ["u2"]}}, False, id="other-user"),
        pytest.param({"users": {"includeGroups": ["g1"]}}, True, id="group"),
        pytest.param({"users": {"includeUsers": ["All"], "excludeGroups": ["g1"]}}, False, id="group-excluded"),
        pytest.param({"users": {"includeUsers": ["All"], "excludeUsers": ["u1"]}}, False, id="user-excluded"),
        pytest.param({"applications": {"includeApplications": ["r1"]}}, True, id="application"),
        pytest.param({"applications": {"includeApplications": ["r2"]}}, False, id="other-application"),
        pytest.param(
            {"applications": {"includeApplications": ["All"], "excludeApplications": ["r1"]}}, False, id="app-excluded"
        ),
        pytest.param({"clientAppTypes": ["browser"]}, True, id="client-app"),
        pytest.param({"clientAppTypes": ["other", "exchangeActiveSync"]}, False, id="legacy-clients-only"),
        pytest.param({"platforms": {"includePlatforms": ["iOS"]}}, True, id="platform"),
        pytest.param({"platforms": {"includePlatforms": ["android"]}}, False, id="other-platform"),
        pytest.param({"platforms": {"includePlatforms": ["all"], "excludePlatforms": ["iOS"]}}, False, id="excluded"),
        pytest.param({"locations": {"includeLocations": ["All"]}}, True, id="anywhere"),
        pytest.param({"locations": {"includeLocations": ["l1"]}}, True, id="location"),
        pytest.param({"locations": {"includeLocations": ["l2"]}}, False, id="other-location"),
        pytest.param({"locations": {"includeLocations": ["All"], "excludeLocations": ["l1"]}}, False, id="outside"),
        pytest.param({"locations": {"includeLocations": ["AllTrusted"]}}, True, id="trusted"),
        pytest.param({"signInRiskLevels": ["high"]}, True, id="risk-cannot-be-judged"),
    ],
)
def test_every_condition_must_be_met(conditions, applies):
    found = judge([_policy(**conditions)], FACTS, {"l1": LOCATION})
    assert found.blocked is applies
    assert found.status == ("failure" if applies else "notApplied")


def test_an_unknown_platform_is_excluded_from_nothing():
    platforms = {"includePlatforms": ["all"], "excludePlatforms": ["iOS"]}
    assert judge([_policy(platforms=platforms)], replace(FACTS, platform=None), {}).blocked


@pytest.mark.parametrize(
    ("controls", "operator", "met", "missing"),
    [
        pytest.param(["mfa"], "OR", {"mfa"}, set(), id="met"),
        pytest.param(["mfa", "compliantDevice"], "OR", {"mfa"}, set(), id="one-is-enough"),
        pytest.param(["mfa", "compliantDevice"], "AND", {"mfa"}, {"compliantDevice"}, id="both-are-needed"),
        pytest.param(["mfa", "compliantDevice"], "OR", set(), {"mfa", "compliantDevice"}, id="none"),
        pytest.param([], "OR", set(), set(), id="session-controls-only"),
    ],
)
def test_grant_controls_are_joined_by_their_operator(controls, operator, met, missing):
    found = judge([_policy(controls, operator)], replace(FACTS, controls=frozenset(met)), {})
    assert found.missing == missing
    assert found.status == ("failure" if missing else "success")


def test_all_policies_count_together():
    policies = [_policy(["mfa"]), _policy(locations={"includeLocations": ["l2"]}), _policy(["block"])]
    found = judge(policies, replace(FACTS, controls=frozenset({"mfa"})), {"l1": LOCATION})
    assert [entry.result for entry in found.applied] == ["success", "notApplied", "failure"]
    assert found.blocked
