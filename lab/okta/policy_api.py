"""/api/v1/policies: app sign-in and global session policies, their rules, and the apps that they are for."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.okta.api_route import api_route
from lab.okta.arrival import org_url
from lab.okta.call_log import log_call
from lab.okta.errors import validation_failed
from lab.okta.json_body import json_object
from lab.okta.org import Org
from lab.okta.policy.policy import Policy
from lab.okta.system_log import Party

READ, MANAGE = "okta.policies.read", "okta.policies.manage"
KNOWN_TYPES = (
    *("ACCESS_POLICY", "OKTA_SIGN_ON", "MFA_ENROLL", "IDP_DISCOVERY", "PASSWORD", "PROFILE_ENROLLMENT"),
    *("POST_AUTH_SESSION", "ENTITY_RISK", "DEVICE_SIGNAL_COLLECTION", "SESSION_VIOLATION_DETECTION"),
    *("CLIENT_UPDATE", "IDENTITY_CLAIM_SOURCING"),
)


class PolicyApi:
    """The policies of an org, for programs."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        return [
            api_route("GET", "/policies", self.list_policies, READ),
            api_route("POST", "/policies", self.create, MANAGE),
            api_route("GET", "/policies/{policy}", self.get, READ),
            api_route("PUT", "/policies/{policy}", self.replace, MANAGE),
            api_route("DELETE", "/policies/{policy}", self.delete, MANAGE),
            api_route("POST", "/policies/{policy}/lifecycle/activate", self.activate, MANAGE),
            api_route("POST", "/policies/{policy}/lifecycle/deactivate", self.deactivate, MANAGE),
            api_route("GET", "/policies/{policy}/mappings", self.mappings, READ),
        ]

    async def list_policies(self, request: Request) -> Response:
        query = request.query_params
        kind = query.get("type")
        if not kind:
            raise validation_failed("type", "The field cannot be left blank")
        if kind not in KNOWN_TYPES:
            raise validation_failed("type", f"The field must be one of {', '.join(KNOWN_TYPES)}")
        found = [
            policy
            for policy in self._org.policies.of_type(kind)
            if query.get("status", policy.status) == policy.status
            and query.get("q", "").lower() in policy.name.lower()
            and self._is_mapped_to(policy, query.get("resourceId"))
        ]
        return JSONResponse([self._shown(request, policy) for policy in found])

    async def create(self, request: Request) -> Response:
        body = await json_object(request)
        policy = self._org.policies.create(body, active=request.query_params.get("activate", "true") != "false")
        log_call(self._org, request, "policy.lifecycle.create", policy_party(policy))
        return JSONResponse(self._shown(request, policy))

    async def get(self, request: Request) -> Response:
        return JSONResponse(self._shown(request, self._policy(request)))

    async def replace(self, request: Request) -> Response:
        policy = self._org.policies.replace(request.path_params["policy"], await json_object(request))
        log_call(self._org, request, "policy.lifecycle.update", policy_party(policy))
        return JSONResponse(self._shown(request, policy))

    async def delete(self, request: Request) -> Response:
        policy = self._policy(request)
        used_by = [app.label for app in self._org.peoples_apps() if app.policy_id == policy.id]
        if used_by:
            raise validation_failed("id", f"The policy: {policy.name} is used by the app: {used_by[0]}")
        self._org.policies.delete(policy.id)
        log_call(self._org, request, "policy.lifecycle.delete", policy_party(policy))
        return Response(status_code=204)

    async def activate(self, request: Request) -> Response:
        return self._set_status(request, "ACTIVE", "policy.lifecycle.activate")

    async def deactivate(self, request: Request) -> Response:
        return self._set_status(request, "INACTIVE", "policy.lifecycle.deactivate")

    async def mappings(self, request: Request) -> Response:
        policy, origin = self._policy(request), org_url(request)
        own = f"{origin}/api/v1/policies/{policy.id}"
        allow = {"allow": ["GET", "PUT", "DELETE"]}
        return JSONResponse(
            [
                {
                    "id": app.id,
                    "_links": {
                        "application": {"href": f"{origin}/api/v1/apps/{app.id}", "hints": allow},
                        "self": {"href": f"{own}/mappings/{app.id}", "hints": allow},
                        "policy": {"href": own, "hints": allow},
                    },
                }
                for app in self._org.peoples_apps()
                if app.policy_id == policy.id
            ]
        )

    def _set_status(self, request: Request, status: str, event_type: str) -> Response:
        policy = self._org.policies.set_status(request.path_params["policy"], status)
        log_call(self._org, request, event_type, policy_party(policy))
        return Response(status_code=204)

    def _shown(self, request: Request, policy: Policy) -> dict[str, Any]:
        shown = policy.to_json(org_url(request))
        if not self._org.knobs.embeds_resource_type:
            shown.pop("_embedded", None)
        return shown

    def _is_mapped_to(self, policy: Policy, app_id: str | None) -> bool:
        app = self._org.app(app_id or "")
        return app_id is None or (app is not None and app.policy_id == policy.id)

    def _policy(self, request: Request) -> Policy:
        return self._org.policies.get(request.path_params["policy"])


def policy_party(policy: Policy) -> Party:
    """A policy as the target of an event."""
    return Party(policy.id, "PolicyEntity", "unknown", policy.name, {"policyType": policy.type})
