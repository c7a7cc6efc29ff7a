"""Who names a zone: rules of every type of policy, API tokens, ThreatInsight; and what could not be looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from okta_zones.errors import FarEndError
from okta_zones.exchange import Exchange
from okta_zones.okta.policies import rules_naming_zone
from okta_zones.okta.zone_use import How, ZoneUse, how_named
from okta_zones.okta.zone_uses import uses_of_zone
from okta_zones.unreadable import Why

ZONE, OTHER = "nzoours0000000000001", "nzoother000000000002"


def policy(policy_id: str, name: str, **more: Any) -> dict[str, Any]:
    return {"id": policy_id, "name": name, "status": "ACTIVE", "conditions": None, **more}


def rule(rule_id: str, name: str, network: object, actions: object, **more: Any) -> dict[str, Any]:
    conditions = {"network": network} if network is not None else None
    return {"id": rule_id, "name": name, "status": "ACTIVE", "conditions": conditions, "actions": actions, **more}


def app_access(access: str) -> dict[str, Any]:
    return {"appSignOn": {"access": access, "verificationMethod": {"factorMode": "2FA", "type": "ASSURANCE"}}}


def answering(org: Any, policies: dict[str, Any]) -> None:
    """`policies` by type; a type that is not there is one that the engine does not know."""

    def answer(request: httpx.Request) -> Any:
        kind = request.url.params["type"]
        return policies.get(kind, org.error(400, "E0000001", "Api validation failed: type"))

    org.answers["GET /api/v1/policies"] = answer


def test_rules_of_every_type_are_found_embedded_or_not(org: Any, exchange: Exchange) -> None:
    gate = rule("rul1", "tunnel only", {"connection": "ZONE", "include": [ZONE]}, app_access("ALLOW"))
    rest = rule("rul2", "Catch-all Rule", None, app_access("DENY"))
    outside = rule("rul3", "outside", {"connection": "ZONE", "exclude": [ZONE]}, {"signon": {"access": "DENY"}})
    foreign = rule("rul4", "office", {"connection": "ZONE", "include": [OTHER]}, {"signon": {"access": "ALLOW"}})
    old = rule("rul5", "old", {"connection": "ZONE", "include": [ZONE]}, {"enroll": {}}, status="INACTIVE")
    answering(
        org,
        {
            "OKTA_SIGN_ON": [policy("pol1", "Session", _embedded={"rules": [outside, foreign]})],
            "ACCESS_POLICY": [policy("rst1", "Login")],
            "MFA_ENROLL": [policy("pol2", "Enrol", _embedded={"rules": [old]})],
        },
    )
    org.answers["GET /api/v1/policies/rst1/rules"] = [gate, rest]
    uses, unread = rules_naming_zone(exchange, ZONE)
    assert unread == ()
    assert uses == (
        ZoneUse("OKTA_SIGN_ON", "pol1", "Session", How.EXCLUDE, True, "rul3", "outside", "DENY"),
        ZoneUse("ACCESS_POLICY", "rst1", "Login", How.INCLUDE, True, "rul1", "tunnel only", "ALLOW"),
        ZoneUse("MFA_ENROLL", "pol2", "Enrol", How.INCLUDE, False, "rul5", "old", None),
    )


def test_policies_that_may_not_be_read_are_said_once(
    org: Any, exchange: Exchange, forbidden: Callable[[], Any]
) -> None:
    org.answers["GET /api/v1/policies"] = forbidden()
    uses, (unread,) = rules_naming_zone(exchange, ZONE)
    assert uses == ()
    assert unread.why is Why.NOT_PERMITTED
    assert str(unread) == "the policies could not be checked: not permitted (needs okta.policies.read)"
    assert len(org.requests) == 1


def test_a_failure_is_no_answer(org: Any, exchange: Exchange) -> None:
    org.answers["GET /api/v1/policies"] = org.error(400, "E0000001", "Api validation failed: type")
    with pytest.raises(FarEndError):
        rules_naming_zone(exchange, ZONE)


def test_tokens_and_threat_insight_name_zones_too(org: Any, exchange: Exchange) -> None:
    answering(org, {"OKTA_SIGN_ON": [], "ACCESS_POLICY": []})
    org.answers["GET /api/v1/api-tokens"] = [
        {"id": "00T1", "name": "controller", "network": {"connection": "ZONE", "include": [ZONE], "exclude": []}},
        {"id": "00T2", "name": "free", "network": {"connection": "ANYWHERE"}},
        {"id": "00T3", "name": "old"},
    ]
    org.answers["GET /api/v1/threats/configuration"] = {"action": "block", "excludeZones": [OTHER, ZONE]}
    found = uses_of_zone(exchange, ZONE)
    assert found.unread == ()
    assert [(use.kind, use.name, use.how, use.active) for use in found.uses] == [
        ("API_TOKEN", "controller", How.INCLUDE, True),
        ("THREAT_INSIGHT", "ThreatInsight", How.EXCLUDE, True),
    ]


def test_what_could_not_be_looked_at_is_told_beside_what_was(
    org: Any, exchange: Exchange, forbidden: Callable[[], Any]
) -> None:
    answering(org, {"OKTA_SIGN_ON": []})
    org.answers["GET /api/v1/api-tokens"] = forbidden()
    org.answers["GET /api/v1/threats/configuration"] = org.error(401, "E0000015", "no feature")
    found = uses_of_zone(exchange, ZONE)
    assert [(each.what, each.why) for each in found.unread] == [
        ("the network restrictions of API tokens", Why.NOT_PERMITTED),
        ("ThreatInsight", Why.NOT_AVAILABLE),
    ]


@pytest.mark.parametrize(
    ("conditions", "how"),
    [
        (None, None),
        ({"network": {"connection": "ANYWHERE"}}, None),
        ({"network": {"include": [OTHER]}}, None),
        ({"network": {"include": [OTHER, ZONE]}}, How.INCLUDE),
        ({"network": {"exclude": [ZONE]}}, How.EXCLUDE),
        ({"aConditionToCome": {"zones": [{"id": ZONE}]}}, How.NAMED),
    ],
    ids=["no conditions", "anywhere", "another zone", "included", "excluded", "in a condition nobody knows"],
)
def test_how_a_rule_names_a_zone(conditions: object, how: How | None) -> None:
    assert how_named(conditions, ZONE) is how
