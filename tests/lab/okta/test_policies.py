"""Policies and rules over the API, and what rules say of accesses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lab.okta.acme import ACCOUNT_MANAGEMENT, APP_LABEL, CLIENT_ID, DEFAULT_POLICY, OLD_ADDRESS, ZONE_NAME, ZONE_RULE
from lab.okta.knobs import Knobs
from lab.okta.policy.context import AccessContext, DeviceFacts, Platform
from lab.okta.policy.judgement import judge
from lab.okta.policy.rule import CATCH_ALL, Rule, duration

pytestmark = pytest.mark.anyio

OUTSIDE = "127.43.8.7"


def _app_policy(world):
    return world.org.policies.get(world.org.apps[CLIENT_ID].policy_id)


async def test_policies_are_listed_by_type_with_their_rules_in_order(world):
    api = world.api()
    [policy, management] = (await api.get("/api/v1/policies", params={"type": "ACCESS_POLICY"})).json()
    assert (management["name"], management["system"]) == (ACCOUNT_MANAGEMENT, True)
    assert management["_embedded"] == {"resourceType": "END_USER_ACCOUNT_MANAGEMENT"}
    assert (policy["name"], policy["type"], policy["status"]) == (APP_LABEL, "ACCESS_POLICY", "ACTIVE")
    assert (await api.get(policy["_links"]["self"]["href"])).json() == policy
    first, last = (await api.get(policy["_links"]["rules"]["href"])).json()
    network = {"connection": "ZONE", "include": [world.org.zones.named(ZONE_NAME).id]}
    assert (first["name"], first["conditions"]["network"]) == (ZONE_RULE, network)
    assert first["actions"]["appSignOn"]["access"] == "ALLOW"
    assert (last["name"], last["priority"], last["system"], last["conditions"]) == (CATCH_ALL, 99, True, None)
    assert last["actions"]["appSignOn"]["access"] == "DENY"
    assert last["_links"]["self"]["hints"]["allow"] == ["GET", "PUT"]


async def test_a_list_without_a_type_is_refused_and_other_types_are_empty(world):
    assert (await world.api().get("/api/v1/policies")).status_code == 400
    assert (await world.api().get("/api/v1/policies", params={"type": "PASSWORD"})).json() == []
    assert (await world.api().get("/api/v1/policies", params={"type": "UNHEARD_OF"})).status_code == 400


async def test_the_org_has_a_global_session_policy_for_everyone(world):
    [policy] = (await world.api().get("/api/v1/policies", params={"type": "OKTA_SIGN_ON"})).json()
    assert (policy["name"], policy["system"]) == (DEFAULT_POLICY, True)
    assert policy["conditions"] == {"people": {"groups": {"include": [world.org.groups.everyone.id]}}}
    [rule] = (await world.api().get(policy["_links"]["rules"]["href"])).json()
    assert (rule["type"], rule["system"]) == ("SIGN_ON", True)
    assert rule["actions"]["signon"]["session"]["maxSessionIdleMinutes"] == 120


async def test_the_catch_all_s_action_can_be_changed_and_nothing_else(world):
    api = world.api()
    policy = _app_policy(world)
    last = policy.in_order()[-1]
    body = {"name": "Renamed", "conditions": {"network": {"connection": "ANYWHERE"}}}
    body["actions"] = {"appSignOn": {"access": "ALLOW", "verificationMethod": {"factorMode": "1FA"}}}
    changed = (await api.put(f"/api/v1/policies/{policy.id}/rules/{last.id}", json=body)).json()
    assert (changed["name"], changed["conditions"], changed["priority"]) == (CATCH_ALL, None, 99)
    assert changed["actions"]["appSignOn"]["verificationMethod"]["reauthenticateIn"] == "PT12H"
    assert "code" in await world.browser(OUTSIDE).sign_in()
    assert len(world.org.log.of_type("policy.rule.update")) == 1


@pytest.mark.parametrize(
    "network",
    [
        pytest.param({"connection": "ZONE"}, id="no-zone"),
        pytest.param({"connection": "ZONE", "include": ["{zone}"], "exclude": ["{zone}"]}, id="both"),
        pytest.param({"connection": "ZONE", "include": ["nzounknown"]}, id="unknown-zone"),
        pytest.param({"connection": "ON_NETWORK"}, id="unknown-connection"),
    ],
)
async def test_a_rule_with_a_bad_network_condition_is_refused(world, network):
    policy = _app_policy(world)
    rule = policy.in_order()[0]
    zone = world.org.zones.named(ZONE_NAME).id
    network = {
        key: [entry.format(zone=zone) for entry in value] if isinstance(value, list) else value
        for key, value in network.items()
    }
    body = {"name": rule.name, "conditions": {"network": network}, "actions": rule.actions}
    answer = await world.api().put(f"/api/v1/policies/{policy.id}/rules/{rule.id}", json=body)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "E0000001")
    assert answer.json()["errorCauses"][0]["errorSummary"].startswith("conditions.network")


async def test_an_excluded_zone_lets_everybody_else_in(world):
    policy = _app_policy(world)
    rule = policy.in_order()[0]
    network = {"connection": "ZONE", "exclude": [world.org.zones.named(ZONE_NAME).id]}
    body = {"name": rule.name, "conditions": {"network": network}, "actions": rule.actions}
    assert (await world.api().put(f"/api/v1/policies/{policy.id}/rules/{rule.id}", json=body)).status_code == 200
    assert "code" in await world.browser(OUTSIDE).sign_in()
    assert (await world.browser(OLD_ADDRESS).sign_in())["error"] == "access_denied"


@pytest.mark.parametrize(
    "what", [pytest.param("policies/rst404", id="policy"), pytest.param("{rules}/rul404", id="rule")]
)
async def test_unknown_ids_answer_404(world, what):
    policy = _app_policy(world)
    path = what.format(rules=f"policies/{policy.id}/rules")
    answer = await world.api().get(f"/api/v1/{path}")
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "E0000007")


async def test_a_new_app_policy_is_born_with_a_catch_all_that_lets_in(world):
    api = world.api()
    body = {"type": "ACCESS_POLICY", "name": "New", "description": "Just made"}
    policy = (await api.post("/api/v1/policies", json=body)).json()
    assert list(policy) == [
        *("id", "status", "name", "description", "priority", "system", "conditions", "created", "lastUpdated"),
        *("_links", "type"),
    ]
    assert (policy["status"], policy["priority"], policy["system"]) == ("ACTIVE", 1, False)
    [rule] = (await api.get(policy["_links"]["rules"]["href"])).json()
    assert (rule["name"], rule["priority"], rule["system"], rule["conditions"]) == (CATCH_ALL, 99, True, None)
    assert rule["actions"]["appSignOn"]["access"] == "ALLOW"
    assert rule["actions"]["appSignOn"]["verificationMethod"]["factorMode"] == "2FA"
    refused = await api.delete(rule["_links"]["self"]["href"])
    assert (refused.status_code, refused.json()["errorCode"]) == (403, "E0000006")


async def test_a_policy_goes_through_its_life(world):
    api = world.api()
    policy = (await api.post("/api/v1/policies?activate=false", json={"type": "ACCESS_POLICY", "name": "New"})).json()
    own = policy["_links"]["self"]["href"]
    assert (policy["status"], list(policy["_links"])) == ("INACTIVE", ["mappings", "self", "rules", "activate"])
    assert (await api.post(policy["_links"]["activate"]["href"])).status_code == 204
    assert (await api.get(own)).json()["status"] == "ACTIVE"
    changed = await api.put(own, json={"type": "ACCESS_POLICY", "name": "Renamed"})
    assert (changed.status_code, changed.json()["name"]) == (200, "Renamed")
    assert (await api.post(f"{own}/lifecycle/deactivate")).status_code == 204
    assert (await api.delete(own)).status_code == 204
    assert (await api.get(own)).status_code == 404
    types = [event["eventType"] for event in world.org.log.events]
    verbs = ("create", "activate", "update", "deactivate", "delete")
    assert types == [f"policy.lifecycle.{verb}" for verb in verbs]


async def test_what_is_in_use_or_the_org_s_own_stays(world):
    api, used = world.api(), _app_policy(world)
    assert (await api.delete(f"/api/v1/policies/{used.id}")).status_code == 400
    [mapping] = (await api.get(f"/api/v1/policies/{used.id}/mappings")).json()
    assert mapping["_links"]["application"]["href"].endswith(f"/api/v1/apps/{CLIENT_ID}")
    [system] = world.org.policies.of_type("OKTA_SIGN_ON")
    assert (await api.delete(f"/api/v1/policies/{system.id}")).status_code == 403
    assert (await api.post(f"/api/v1/policies/{system.id}/lifecycle/deactivate")).status_code == 403


def _deny(name, **more):
    return {"type": "ACCESS_POLICY", "name": name, "actions": {"appSignOn": {"access": "DENY"}}, **more}


async def test_a_rule_that_takes_a_number_pushes_the_others_back(world):
    api, policy = world.api(), _app_policy(world)
    rules = f"/api/v1/policies/{policy.id}/rules"
    last = (await api.post(rules, json=_deny("Last"))).json()
    first = (await api.post(rules, json=_deny("First", priority=0))).json()
    assert (first["priority"], last["priority"]) == (0, 1)
    assert first["conditions"] == {
        "people": {"users": {"exclude": []}},
        "network": {"connection": "ANYWHERE"},
        "riskScore": {"level": "ANY"},
        "userType": {"include": [], "exclude": []},
    }
    shown = [(rule["name"], rule["priority"]) for rule in (await api.get(rules)).json()]
    assert shown == [("First", 0), (ZONE_RULE, 1), ("Last", 2), (CATCH_ALL, 99)]
    assert (await world.browser(OLD_ADDRESS).sign_in())["error"] == "access_denied"
    assert (await api.post(f"{rules}/{first['id']}/lifecycle/deactivate")).status_code == 204
    assert "code" in await world.browser(OLD_ADDRESS).sign_in()
    assert (await api.delete(f"{rules}/{first['id']}")).status_code == 204
    types = [event["eventType"] for event in world.org.log.events if event["eventType"].startswith("policy.rule")]
    assert types == ["policy.rule.add", "policy.rule.add", "policy.rule.deactivate", "policy.rule.delete"]
    [event] = world.org.log.of_type("policy.rule.delete")
    assert [target["type"] for target in event["target"]] == ["PolicyEntity", "PolicyRule"]
    assert event["actor"]["alternateId"] == "admin@acme.example"


async def test_managed_devices_must_be_registered_ones(world):
    policy = _app_policy(world)
    body = _deny("Managed", conditions={"device": {"managed": True}})
    assert (await world.api().post(f"/api/v1/policies/{policy.id}/rules", json=body)).status_code == 400


async def test_a_session_rule_is_stored_with_its_defaults(world):
    [policy] = world.org.policies.of_type("OKTA_SIGN_ON")
    body = {"type": "SIGN_ON", "name": "Short", "actions": {"signon": {"access": "ALLOW", "requireFactor": True}}}
    rule = (await world.api().post(f"/api/v1/policies/{policy.id}/rules", json=body)).json()
    assert rule["id"].startswith("0pr")
    assert rule["conditions"]["authContext"] == {"authType": "ANY"}
    assert rule["actions"]["signon"]["primaryFactor"] == "PASSWORD_IDP_ANY_FACTOR"
    assert rule["actions"]["signon"]["session"]["maxSessionIdleMinutes"] == 120


class TestPoliciesThatOktaSOwnSdkCanRead:
    @pytest.fixture
    def knobs(self):
        return Knobs(embeds_resource_type=False)

    async def test_nothing_is_embedded(self, world):
        policies = (await world.api().get("/api/v1/policies", params={"type": "ACCESS_POLICY"})).json()
        assert [policy["name"] for policy in policies] == [APP_LABEL, ACCOUNT_MANAGEMENT]
        assert not any("_embedded" in policy for policy in policies)


class TestSlowPriorities:
    @pytest.fixture
    def knobs(self):
        return Knobs(priority_reconciliation=timedelta(seconds=2))

    async def test_a_second_write_gets_423_until_the_order_has_settled(self, world):
        rules = f"/api/v1/policies/{_app_policy(world).id}/rules"
        assert (await world.api().post(rules, json=_deny("One"))).status_code == 200
        locked = await world.api().post(rules, json=_deny("Two"))
        assert (locked.status_code, locked.json()["errorCode"]) == (423, "E0000239")
        world.clock.move(seconds=2)
        assert (await world.api().post(rules, json=_deny("Two"))).status_code == 200


def _rule(name, access="DENY", priority=1, conditions=None, system=False, status="ACTIVE"):
    now = datetime(2026, 5, 4, tzinfo=UTC)
    actions = {"appSignOn": {"access": access, "verificationMethod": {"factorMode": "1FA", "type": "ASSURANCE"}}}
    return Rule(name, name, priority, system, now, now, conditions, actions, status)


CATCH = _rule("catch-all", priority=99, system=True)
IPHONE = AccessContext(
    user_id="00u1",
    group_ids=frozenset({"00g1"}),
    zone_ids=frozenset({"nzo1"}),
    device=DeviceFacts(registered=True, managed=True, assurances=frozenset({"dae1"})),
    platform=Platform("MOBILE", "IOS"),
    risk="LOW",
)
MOBILE, MACOS = {"type": "MOBILE", "os": {"type": "IOS"}}, {"type": "DESKTOP", "os": {"type": "MACOS"}}


def _verdict(conditions, access, context):
    rules = [_rule("first", access, conditions=conditions), CATCH]
    return judge(rules, context, session_age=timedelta(0)).verdict


@pytest.mark.parametrize(
    ("conditions", "matches"),
    [
        pytest.param({}, True, id="no-condition"),
        pytest.param({"people": {"users": {"include": ["00u1"]}}}, True, id="user-included"),
        pytest.param({"people": {"users": {"include": ["00u2"]}}}, False, id="other-user-included"),
        pytest.param({"people": {"users": {"exclude": ["00u1"]}}}, False, id="user-excluded"),
        pytest.param({"people": {"groups": {"include": ["00g1"]}}}, True, id="group-included"),
        pytest.param({"people": {"groups": {"include": ["00g2"]}}}, False, id="other-group-included"),
        pytest.param({"people": {"groups": {"exclude": ["00g1"]}}}, False, id="group-excluded"),
        pytest.param(
            {"people": {"users": {"include": ["00u2"]}, "groups": {"include": ["00g1"]}}}, True, id="either-is-enough"
        ),
        pytest.param({"network": {"connection": "ZONE", "include": ["nzo1"]}}, True, id="in-the-zone"),
        pytest.param({"network": {"connection": "ZONE", "include": ["nzo2"]}}, False, id="in-another-zone"),
        pytest.param({"network": {"connection": "ZONE", "exclude": ["nzo1"]}}, False, id="zone-excluded"),
        pytest.param({"network": {"connection": "ZONE", "exclude": ["nzo2"]}}, True, id="other-zone-excluded"),
        pytest.param({"device": {"registered": True, "managed": True}}, True, id="managed-device"),
        pytest.param({"device": {"registered": False}}, False, id="unregistered-device"),
        pytest.param({"device": {"registered": True, "managed": False}}, False, id="unmanaged-device"),
        pytest.param({"device": {"registered": True, "assurance": {"include": ["dae1"]}}}, True, id="assured"),
        pytest.param({"device": {"registered": True, "assurance": {"include": ["dae2"]}}}, False, id="not-assured"),
        pytest.param({"platform": {"include": [MOBILE, MACOS]}}, True, id="platform-included"),
        pytest.param({"platform": {"include": [MACOS]}}, False, id="other-platform-included"),
        pytest.param({"platform": {"include": [{"type": "ANY"}], "exclude": [MOBILE]}}, False, id="platform-excluded"),
        pytest.param({"riskScore": {"level": "LOW"}}, True, id="risk"),
        pytest.param({"riskScore": {"level": "HIGH"}}, False, id="other-risk"),
        pytest.param({"riskScore": {"level": "ANY"}, "userType": {"include": [], "exclude": []}}, True, id="defaults"),
        pytest.param({"people": {"users": {"exclude": []}}, "device": None, "platform": None}, True, id="empty"),
    ],
)
async def test_a_condition_that_is_known_decides_for_allow_and_deny_alike(conditions, matches):
    assert _verdict(conditions, "ALLOW", IPHONE) == ("ALLOW" if matches else "DENY")
    rules = [_rule("first", "DENY", conditions=conditions), _rule("second", "ALLOW"), CATCH]
    found = judge(rules, IPHONE, session_age=timedelta(0))
    assert found.rule.name == ("first" if matches else "second")


@pytest.mark.parametrize(
    "conditions",
    [
        pytest.param({"people": {"users": {"include": ["00u1"]}}}, id="user"),
        pytest.param({"people": {"groups": {"exclude": ["00g1"]}}}, id="group"),
        pytest.param({"network": {"connection": "ZONE", "include": ["nzo1"]}}, id="network"),
        pytest.param({"device": {"registered": True}}, id="device"),
        pytest.param({"platform": {"include": [MOBILE]}}, id="platform"),
        pytest.param({"riskScore": {"level": "LOW"}}, id="risk"),
        pytest.param({"risk": {"behaviors": ["New IP"]}}, id="behaviour"),
        pytest.param({"elCondition": {"condition": "true"}}, id="expression"),
        pytest.param({"userType": {"include": ["oty1"]}}, id="user-type"),
        pytest.param({"invented": {"tomorrow": True}}, id="unheard-of"),
    ],
)
async def test_a_condition_that_cannot_be_judged_lets_nobody_in(conditions):
    nothing_known = AccessContext()
    assert _verdict(conditions, "ALLOW", nothing_known) == "DENY"
    rules = [_rule("first", "DENY", conditions=conditions), _rule("second", "ALLOW"), CATCH]
    assert judge(rules, nothing_known, session_age=timedelta(0)).rule.name == "first"


async def test_an_inactive_rule_is_passed_over():
    rules = [_rule("first", "ALLOW", status="INACTIVE"), CATCH]
    assert judge(rules, IPHONE, session_age=timedelta(0)).rule is CATCH


@pytest.mark.parametrize(
    ("text", "hours"),
    [("PT12H", 12), ("P1DT2H", 26), ("PT90M", 1.5), ("PT43800H", 43800), ("", None), ("PT", None), (None, None)],
)
async def test_durations_are_iso_8601(text, hours):
    assert duration(text) == (timedelta(hours=hours) if hours is not None else None)
