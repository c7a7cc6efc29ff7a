"""POST /api/v1/policies/simulate: the judgement of sign-ins, for programs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lab.okta.acme import APP_LABEL, CLIENT_ID, LOGIN, OLD_ADDRESS, ZONE_NAME, ZONE_RULE
from lab.okta.knobs import Knobs
from lab.okta.policy.rule import CATCH_ALL

pytestmark = pytest.mark.anyio

URL = "/api/v1/policies/simulate"
OUTSIDE = "198.51.100.7"


def _body(world, *, kinds=("ACCESS_POLICY",), **context):
    user = {"user": {"id": world.org.users[LOGIN].id}}
    return {"appInstance": CLIENT_ID, "policyTypes": list(kinds), "policyContext": user | context}


async def _simulated(world, **context):
    answer = await world.api().post(URL, json=_body(world, **context))
    assert answer.status_code == 200, answer.text
    return answer.json()["evaluation"]


def _rules(part):
    return [(rule["name"], rule["status"]) for policy in part["policies"] for rule in policy["rules"]]


async def test_the_answer_has_the_documented_shape(world):
    [entry] = await _simulated(world, ip=OLD_ADDRESS)
    assert list(entry) == ["status", "policyType", "result", "undefined", "evaluated"]
    assert (entry["status"], entry["policyType"]) == (None, "ACCESS_POLICY")
    [policy] = entry["result"]["policies"]
    assert list(policy) == ["id", "name", "status", "conditions", "rules"]
    assert (policy["name"], policy["status"], policy["conditions"]) == (APP_LABEL, "MATCH", [])
    [rule] = policy["rules"]
    assert list(rule) == ["id", "name", "status", "conditions"]
    assert rule["conditions"] == [{"type": "network.include", "status": "MATCH"}]


async def test_an_address_in_the_zone_meets_its_rule_and_one_outside_the_catch_all(world):
    [inside] = await _simulated(world, ip=OLD_ADDRESS)
    assert _rules(inside["result"]) == [(ZONE_RULE, "MATCH")]
    [outside] = await _simulated(world, ip=OUTSIDE)
    assert _rules(outside["result"]) == [(CATCH_ALL, "MATCH")]
    assert _rules(outside["evaluated"]) == [(ZONE_RULE, "NOT_MATCH")]


async def test_a_zone_can_be_named_instead_of_an_address(world):
    zone = world.org.zones.named(ZONE_NAME).id
    [entry] = await _simulated(world, zones={"ids": [zone]})
    assert _rules(entry["result"]) == [(ZONE_RULE, "MATCH")]


async def test_what_the_simulation_was_not_told_is_undefined(world):
    [entry] = await _simulated(world)
    assert _rules(entry["undefined"]) == [(ZONE_RULE, "UNDEFINED")]
    assert _rules(entry["result"]) == [(CATCH_ALL, "MATCH")]


async def test_a_catch_all_shows_what_it_is_by_its_id(world):
    """The answer names no ALLOW or DENY: a program looks the rule up."""
    [entry] = await _simulated(world, ip=OUTSIDE)
    [policy] = entry["result"]["policies"]
    rule = await world.api().get(f"/api/v1/policies/{policy['id']}/rules/{policy['rules'][0]['id']}")
    assert rule.json()["actions"]["appSignOn"]["access"] == "DENY"


async def test_session_policies_are_simulated_by_group(world):
    body = _body(world, kinds=["OKTA_SIGN_ON"])
    body["policyContext"] = {"groups": {"ids": [world.org.groups.everyone.id]}, "ip": OUTSIDE}
    [entry] = (await world.api().post(URL, json=body)).json()["evaluation"]
    [policy] = entry["result"]["policies"]
    assert policy["conditions"] == [{"type": "people.groups.include", "status": "MATCH"}]
    assert _rules(entry["result"]) == [("Default Rule", "MATCH")]


async def test_all_types_are_simulated_where_none_is_named(world):
    body = _body(world, ip=OUTSIDE)
    del body["policyTypes"]
    for sent in (body, [body], body | {"policyTypes": None}):
        evaluation = (await world.api().post(URL, json=sent)).json()["evaluation"]
        types = [entry["policyType"] for entry in evaluation]
        assert types == ["OKTA_SIGN_ON", "MFA_ENROLL", "ACCESS_POLICY", "PROFILE_ENROLLMENT"]
    older = body | {"policyType": ["ACCESS_POLICY"]}
    assert len((await world.api().post(URL, json=older)).json()["evaluation"]) == 1


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        pytest.param({"appInstance": None}, 400, "E0000001", id="no-app"),
        pytest.param({"appInstance": "0oanothing"}, 404, "E0000007", id="unknown-app"),
        pytest.param({"policyTypes": ["UNHEARD_OF"]}, 400, "E0000001", id="unknown-type"),
        pytest.param({"policyContext": {"ip": "not an address"}}, 400, "E0000001", id="bad-address"),
        pytest.param({"policyContext": {"user": {"id": "00unobody"}}}, 404, "E0000007", id="unknown-user"),
        pytest.param(
            {"policyContext": {"user": {"id": "00u"}, "groups": {"ids": ["00g"]}}}, 400, "E0000001", id="both"
        ),
    ],
)
async def test_a_simulation_that_cannot_be_made_is_refused(world, changes, status, code):
    answer = await world.api().post(URL, json=_body(world) | changes)
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)


async def test_the_read_scope_is_enough(world):
    api = await world.service(world.add_service("okta.policies.read"), "okta.policies.read")
    assert (await api.post(URL, json=_body(world, ip=OUTSIDE))).status_code == 200
    blind = await world.service(world.add_service("okta.logs.read"), "okta.logs.read")
    assert (await blind.post(URL, json=_body(world, ip=OUTSIDE))).status_code == 403


class TestSlowZones:
    @pytest.fixture
    def knobs(self):
        return Knobs(zone_delay=timedelta(seconds=60))

    async def test_zones_count_as_sign_ins_see_them(self, world):
        zone = world.org.zones.named(ZONE_NAME)
        gateways = [{"type": "CIDR", "value": "198.51.100.0/24"}]
        body = {"type": "IP", "name": ZONE_NAME, "gateways": gateways}
        assert (await world.api().put(f"/api/v1/zones/{zone.id}", json=body)).status_code == 200
        [before] = await _simulated(world, ip=OUTSIDE)
        assert _rules(before["result"]) == [(CATCH_ALL, "MATCH")]
        world.clock.move(seconds=60)
        [after] = await _simulated(world, ip=OUTSIDE)
        assert _rules(after["result"]) == [(ZONE_RULE, "MATCH")]


class TestWithoutSimulation:
    @pytest.fixture
    def knobs(self):
        return Knobs(simulate=False)

    async def test_an_org_without_the_feature_says_so(self, world):
        answer = await world.api().post(URL, json=_body(world))
        assert (answer.status_code, answer.json()["errorCode"]) == (401, "E0000015")
