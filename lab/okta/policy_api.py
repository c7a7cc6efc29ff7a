"""/api/v1/policies of the type ACCESS_POLICY: read policies and rules, replace a rule."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.okta.api_route import api_route
from lab.okta.arrival import org_url
from lab.okta.call_log import log_call
from lab.okta.errors import not_found, validation_failed
from lab.okta.json_body import json_object
from lab.okta.org import Org
from lab.okta.policies import Policy, Rule
from lab.okta.rule_body import read_actions, read_conditions
from lab.okta.system_log import Party

KIND = "ACCESS_POLICY"


class PolicyApi:
    """The app sign-in policies of an org, for programs."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        return [
            api_route("GET", "/policies", self.list_policies, "okta.policies.read"),
            api_route("GET", "/policies/{policy}", self.get, "okta.policies.read"),
            api_route("GET", "/policies/{policy}/rules", self.list_rules, "okta.policies.read"),
            api_route("GET", "/policies/{policy}/rules/{rule}", self.get_rule, "okta.policies.read"),
            api_route("PUT", "/policies/{policy}/rules/{rule}", self.replace_rule, "okta.policies.manage"),
        ]

    async def list_policies(self, request: Request) -> Response:
        kind = request.query_params.get("type")
        if not kind:
            raise validation_failed("type", "The field cannot be left blank")
        policies = self._org.policies.values() if kind == KIND else ()
        return JSONResponse([policy.to_json(org_url(request)) for policy in policies])

    async def get(self, request: Request) -> Response:
        return JSONResponse(self._policy(request).to_json(org_url(request)))

    async def list_rules(self, request: Request) -> Response:
        policy = self._policy(request)
        return JSONResponse([rule.to_json(org_url(request), policy.id) for rule in policy.in_order()])

    async def get_rule(self, request: Request) -> Response:
        policy = self._policy(request)
        return JSONResponse(_rule(policy, request).to_json(org_url(request), policy.id))

    async def replace_rule(self, request: Request) -> Response:
        policy = self._policy(request)
        before = _rule(policy, request)
        body = await json_object(request)
        after = self._replaced(before, body)
        policy.rules = [after if rule.id == before.id else rule for rule in policy.rules]
        log_call(self._org, request, "policy.rule.update", Party(after.id, "PolicyRule", "unknown", after.name))
        return JSONResponse(after.to_json(org_url(request), policy.id))

    def _replaced(self, before: Rule, body: dict[str, object]) -> Rule:
        actions = read_actions(body)
        now = self._org.clock()
        if before.system:  # only what it does can be changed: it has no conditions, and it stays last
            return replace(before, actions=actions, last_updated=now)
        name, priority = body.get("name"), body.get("priority", before.priority)
        if not isinstance(name, str) or not name:
            raise validation_failed("name", "The field cannot be left blank")
        if isinstance(priority, bool) or not isinstance(priority, int) or priority < 0:
            raise validation_failed("priority", "The field must be a number")
        conditions = read_conditions(body, [zone.id for zone in self._org.zones.all()])
        return replace(before, name=name, priority=priority, conditions=conditions, actions=actions, last_updated=now)

    def _policy(self, request: Request) -> Policy:
        policy_id = request.path_params["policy"]
        if policy_id not in self._org.policies:
            raise not_found(policy_id, "Policy")
        return self._org.policies[policy_id]


def _rule(policy: Policy, request: Request) -> Rule:
    rule_id = request.path_params["rule"]
    for rule in policy.rules:
        if rule.id == rule_id:
            return rule
    raise not_found(rule_id, "PolicyRule")
