"""Microsoft Graph v1.0, as far as the gate needs it: named locations, conditional access policies, sign-in log."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.entra.errors import GraphError, bad_request, not_found
from lab.entra.graph_access import GraphAccess
from lab.entra.odata_filter import read_odata_filter
from lab.entra.tenant import Tenant
from lab.entra.what_if import evaluate

CONDITIONAL_ACCESS: Final = "/v1.0/identity/conditionalAccess"
LOCATIONS: Final = f"{CONDITIONAL_ACCESS}/namedLocations"
POLICIES: Final = f"{CONDITIONAL_ACCESS}/policies"
EVALUATE: Final = f"{CONDITIONAL_ACCESS}/evaluate"
SIGN_INS: Final = "/v1.0/auditLogs/signIns"
REVOKE: Final = "/v1.0/users/{user}/revokeSignInSessions"

READ_POLICIES: Final = "Policy.Read.All"
WRITE_CONDITIONAL_ACCESS: Final = "Policy.ReadWrite.ConditionalAccess"
READ_AUDIT_LOG: Final = "AuditLog.Read.All"
REVOKERS: Final = ("User.RevokeSessions.All", "User.ReadWrite.All")
LARGEST_PAGE: Final = 999


class Graph:
    """The tenant's Graph."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._access = GraphAccess(tenant)

    def routes(self) -> list[Route]:
        guarded = self._access.guarded
        readers = ({READ_POLICIES},)
        writers = ({READ_POLICIES}, {WRITE_CONDITIONAL_ACCESS})
        return [
            Route(LOCATIONS, guarded(self.list_locations, *readers, throttled=True), methods=["GET"]),
            Route(LOCATIONS, guarded(self.create_location, *writers, throttled=True), methods=["POST"]),
            Route(f"{LOCATIONS}/{{id}}", guarded(self.get_location, *readers, throttled=True), methods=["GET"]),
            Route(f"{LOCATIONS}/{{id}}", guarded(self.change_location, *writers, throttled=True), methods=["PATCH"]),
            Route(f"{LOCATIONS}/{{id}}", guarded(self.delete_location, *writers, throttled=True), methods=["DELETE"]),
            Route(POLICIES, guarded(self.list_policies, *readers, throttled=True), methods=["GET"]),
            Route(POLICIES, guarded(self.create_policy, *writers, throttled=True), methods=["POST"]),
            Route(f"{POLICIES}/{{id}}", guarded(self.get_policy, *readers, throttled=True), methods=["GET"]),
            Route(f"{POLICIES}/{{id}}", guarded(self.change_policy, *writers, throttled=True), methods=["PATCH"]),
            Route(f"{POLICIES}/{{id}}", guarded(self.delete_policy, *writers, throttled=True), methods=["DELETE"]),
            Route(EVALUATE, guarded(self.what_if, *readers, throttled=True), methods=["POST"]),
            Route(SIGN_INS, guarded(self.list_sign_ins, {READ_AUDIT_LOG}), methods=["GET"]),
            Route(REVOKE, guarded(self.revoke_sessions, REVOKERS), methods=["POST"]),
        ]

    async def list_locations(self, request: Request) -> Response:
        found = [location.to_json() for location in self._tenant.locations.read_all()]
        return self._page(request, "identity/conditionalAccess/namedLocations", found)

    async def get_location(self, request: Request) -> Response:
        location = self._tenant.locations.read(request.path_params["id"])
        return self._entity(request, "identity/conditionalAccess/namedLocations", location.to_json())

    async def create_location(self, request: Request) -> Response:
        location = self._tenant.locations.create(await _json_object(request))
        return self._entity(request, "identity/conditionalAccess/namedLocations", location.to_json(), 201)

    async def change_location(self, request: Request) -> Response:
        self._tenant.locations.change(request.path_params["id"], await _json_object(request))
        return Response(status_code=204)

    async def delete_location(self, request: Request) -> Response:
        location_id = request.path_params["id"]
        named = [policy.display_name for policy in self._tenant.policies.all() if location_id in policy.location_ids]
        if named and self._tenant.knobs.keep_locations_in_use:
            raise bad_request(f"The named location is used by the policy '{named[0]}'.")
        self._tenant.locations.delete(location_id)
        return Response(status_code=204)

    async def list_policies(self, request: Request) -> Response:
        found = [policy.to_json() for policy in self._tenant.policies.all()]
        return self._page(request, "identity/conditionalAccess/policies", found)

    async def get_policy(self, request: Request) -> Response:
        policy = self._tenant.policies.get(request.path_params["id"])
        return self._entity(request, "identity/conditionalAccess/policies", policy.to_json())

    async def create_policy(self, request: Request) -> Response:
        policy = self._tenant.policies.create(await _json_object(request), self._location_ids())
        return self._entity(request, "identity/conditionalAccess/policies", policy.to_json(), 201)

    async def change_policy(self, request: Request) -> Response:
        policy_id = request.path_params["id"]
        self._tenant.policies.change(policy_id, await _json_object(request), self._location_ids())
        return Response(status_code=204)

    async def delete_policy(self, request: Request) -> Response:
        self._tenant.policies.delete(request.path_params["id"])
        return Response(status_code=204)

    async def what_if(self, request: Request) -> Response:
        found = evaluate(self._tenant, await _json_object(request))
        context = _context(request, "Collection(microsoft.graph.whatIfAnalysisResult)")
        return JSONResponse({"@odata.context": context, "value": found})

    def _location_ids(self) -> list[str]:
        return [location.id for location in self._tenant.locations.stored()]

    async def list_sign_ins(self, request: Request) -> Response:
        """Newest first, interactive ones only: v1.0 lists no others."""
        if not self._tenant.knobs.premium:
            text = "Neither tenant is B2C or tenant doesn't have premium license"
            raise GraphError(403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", text)
        selects = read_odata_filter(request.query_params["$filter"]) if "$filter" in request.query_params else None
        found = [
            entry for entry in self._tenant.log.shown(self._tenant.knobs.sign_in_log_delay) if entry["isInteractive"]
        ]
        if selects is not None:
            found = [entry for entry in found if selects(entry)]
        if request.query_params.get("$orderby", "createdDateTime desc") != "createdDateTime asc":
            found.reverse()
        return self._page(request, "auditLogs/signIns", found)

    async def revoke_sessions(self, request: Request) -> Response:
        name = request.path_params["user"]
        user = self._tenant.users.get(name) or self._tenant.user_named(name)
        if user is None:
            raise not_found(name)
        self._tenant.revocations.revoke(user.id)
        return JSONResponse({"@odata.context": _context(request, "Edm.Boolean"), "value": True})

    def _page(self, request: Request, context: str, entries: Sequence[dict[str, Any]]) -> Response:
        query = request.query_params
        if "$filter" in query and context != "auditLogs/signIns":
            raise GraphError(400, "Request_UnsupportedQuery", "The lab's Graph takes no $filter here.")
        start = _number(request, "$skiptoken", 0)
        size = min(_number(request, "$top", self._tenant.knobs.graph_page_size), LARGEST_PAGE)
        body: dict[str, Any] = {"@odata.context": _context(request, context)}
        if len(entries) > start + size:
            kept = {name: query[name] for name in ("$filter", "$orderby") if name in query}
            following = urlencode({**kept, "$top": size, "$skiptoken": start + size})
            body["@odata.nextLink"] = f"{_origin(request)}{request.url.path}?{following}"
        return JSONResponse(body | {"value": list(entries[start : start + size])})

    def _entity(self, request: Request, context: str, entity: dict[str, Any], status: int = 200) -> Response:
        return JSONResponse({"@odata.context": _context(request, f"{context}/$entity"), **entity}, status)


async def _json_object(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise bad_request("Unable to read JSON request payload.") from error
    if not isinstance(body, dict):
        raise bad_request("Unable to read JSON request payload.")
    return body


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit():
        raise bad_request(f"Invalid value for {name}.")
    return int(text)


def _origin(request: Request) -> str:
    return f"https://{request.headers['host']}"


def _context(request: Request, what: str) -> str:
    return f"{_origin(request)}/v1.0/$metadata#{what}"
