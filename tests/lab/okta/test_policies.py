"""Policies and rules over the API, and what rules say of accesses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lab.okta.acme import APP_LABEL, CATCH_ALL, OLD_ADDRESS, ZONE_NAME, ZONE_RULE
from lab.okta.policies import Rule, judge

pytestmark = pytest.mark.anyio

OUTSIDE = "127.43.8.7"


async def test_policies_are_listed_by_type_with_their_rules_in_order(world):
    api = world.api()
    [policy] = (await api.get("/api/v1/policies", params={"type": "ACCESS_POLICY"})).json()
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
    assert (await world.api().get("/api/v1/policies", params={"type": "OKTA_SIGN_ON"})).json() == []


async def test_the_catch_all_s_action_can_be_changed_and_nothing_else(world):
    api = world.api()
    [policy] = world.org.policies.values()
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
    [policy] = world.org.policies.values()
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
    [policy] = world.org.policies.values()
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
    [policy] = world.org.policies.values()
    path = what.format(rules=f"policies/{policy.id}/rules")
    answer = await world.api().get(f"/api/v1/{path}")
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "E0000007")


def _rule(name, access="DENY", priority=1, conditions=None, system=False, status="ACTIVE"):
    now = datetime(2026, 5, 4, tzinfo=UTC)
    actions = {"appSignOn": {"access": access, "verificationMethod": {"factorMode": "1FA", "type": "ASSURANCE"}}}
    return Rule(name, name, priority, system, now, now, conditions, actions, status)


CATCH = _rule("catch-all", priority=99, system=True)


@pytest.mark.parametrize(
    ("conditions", "lets_in"),
    [
        pytest.param({}, True, id="no-condition"),
        pytest.param({"people": {"users": {"include": ["00u1"]}}}, True, id="user-included"),
        pytest.param({"people": {"users": {"include": ["00u2"]}}}, False, id="other-user-included"),
        pytest.param({"people": {"users": {"exclude": ["00u1"]}}}, False, id="user-excluded"),
        pytest.param({"riskScore": {"level": "ANY"}, "userType": {"include": [], "exclude": []}}, True, id="defaults"),
        pytest.param({"people": {"groups": {"include": ["00g1"]}}}, False, id="group-not-judged"),
        pytest.param({"device": {"registered": True}}, False, id="device-not-judged"),
        pytest.param({"platform": {"include": [{"type": "MOBILE"}]}}, False, id="platform-not-judged"),
        pytest.param({"elCondition": {"condition": "true"}}, False, id="expression-not-judged"),
        pytest.param({"riskScore": {"level": "LOW"}}, False, id="risk-not-judged"),
    ],
)
async def test_a_condition_that_cannot_be_judged_lets_nobody_in(conditions, lets_in):
    def verdict(access):
        rules = [_rule("first", access, conditions=conditions), CATCH]
        found = judge(rules, user_id="00u1", zone_ids=frozenset(), session_age=timedelta(0))
        return found.verdict

    assert verdict("ALLOW") == ("ALLOW" if lets_in else "DENY")
    assert verdict("DENY") == "DENY"


async def test_an_inactive_rule_is_passed_over():
    rules = [_rule("first", "ALLOW", status="INACTIVE"), CATCH]
    found = judge(rules, user_id="00u1", zone_ids=frozenset(), session_age=timedelta(0))
    assert found.rule is CATCH
