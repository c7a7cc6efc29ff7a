"""/api/v1/policies/{policy}/rules: the rules of one policy."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.okta.api_route import api_route
from lab.okta.arrival import org_url
from lab.okta.call_log import log_call
from lab.okta.json_body import json_object
from lab.okta.org import Org
from lab.okta.policy.policy import Policy
from lab.okta.policy.rule import Rule
from lab.okta.policy.rules import Writing, add_rule, delete_rule, replace_rule, rule_of, set_rule_status
from lab.okta.policy_api import MANAGE, READ, policy_party
from lab.okta.system_log import Party

RULES = "/policies/{policy}/rules"


class PolicyRuleApi:
    """Rules, for programs. While priorities settle, writes are answered with 423."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        return [
            api_route("GET", RULES, self.list_rules, READ),
            api_route("POST", RULES, self.add, MANAGE),
            api_route("GET", f"{RULES}/{{rule}}", self.get, READ),
            api_route("PUT", f"{RULES}/{{rule}}", self.replace, MANAGE),
            api_route("DELETE", f"{RULES}/{{rule}}", self.delete, MANAGE),
            api_route("POST", f"{RULES}/{{rule}}/lifecycle/activate", self.activate, MANAGE),
            api_route("POST", f"{RULES}/{{rule}}/lifecycle/deactivate", self.deactivate, MANAGE),
        ]

    async def list_rules(self, request: Request) -> Response:
        policy = self._policy(request)
        return JSONResponse([rule.to_json(org_url(request), policy.id) for rule in policy.in_order()])

    async def get(self, request: Request) -> Response:
        policy = self._policy(request)
        return self._shown(request, policy, rule_of(policy, request.path_params["rule"]))

    async def add(self, request: Request) -> Response:
        policy, body = self._policy(request), await json_object(request)
        self._org.policies.begin_write(policy)
        active = request.query_params.get("activate", "true") != "false"
        rule = add_rule(policy, body, self._writing(), active=active)
        self._log(request, "policy.rule.add", policy, rule)
        return self._shown(request, policy, rule)

    async def replace(self, request: Request) -> Response:
        policy, body = self._policy(request), await json_object(request)
        rule_of(policy, request.path_params["rule"])
        self._org.policies.begin_write(policy)
        rule = replace_rule(policy, request.path_params["rule"], body, self._writing())
        self._log(request, "policy.rule.update", policy, rule)
        return self._shown(request, policy, rule)

    async def delete(self, request: Request) -> Response:
        policy = self._policy(request)
        rule_of(policy, request.path_params["rule"])
        self._org.policies.begin_write(policy)
        rule = delete_rule(policy, request.path_params["rule"])
        self._log(request, "policy.rule.delete", policy, rule)
        return Response(status_code=204)

    async def activate(self, request: Request) -> Response:
        return self._set_status(request, "ACTIVE", "policy.rule.activate")

    async def deactivate(self, request: Request) -> Response:
        return self._set_status(request, "INACTIVE", "policy.rule.deactivate")

    def _set_status(self, request: Request, status: str, event_type: str) -> Response:
        policy = self._policy(request)
        rule = set_rule_status(policy, request.path_params["rule"], status, self._org.clock())
        self._log(request, event_type, policy, rule)
        return Response(status_code=204)

    def _shown(self, request: Request, policy: Policy, rule: Rule) -> Response:
        return JSONResponse(rule.to_json(org_url(request), policy.id))

    def _log(self, request: Request, event_type: str, policy: Policy, rule: Rule) -> None:
        log_call(
            self._org, request, event_type, policy_party(policy), Party(rule.id, "PolicyRule", "unknown", rule.name)
        )

    def _writing(self) -> Writing:
        return Writing(self._org.clock(), [zone.id for zone in self._org.zones.all()])

    def _policy(self, request: Request) -> Policy:
        return self._org.policies.get(request.path_params["policy"])
