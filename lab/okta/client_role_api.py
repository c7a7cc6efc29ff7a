"""/oauth2/v1/clients/{client}/roles: the administrator roles of a service app (Okta API, client role assignments)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.okta.api_route import api_route
from lab.okta.arrival import org_url
from lab.okta.call_log import log_call
from lab.okta.errors import not_found, validation_failed
from lab.okta.identifiers import whole_seconds
from lab.okta.json_body import json_object
from lab.okta.org import Org
from lab.okta.roles import Role
from lab.okta.service_apps import ServiceApp


class ClientRoleApi:
    """Roles of service apps, for programs."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        return [
            api_route("GET", "/{client}/roles", self.list_roles, "okta.roles.read"),
            api_route("POST", "/{client}/roles", self.assign, "okta.roles.manage"),
        ]

    async def list_roles(self, request: Request) -> Response:
        app = self._client(request)
        return JSONResponse([] if app.role is Role.NONE else [_shown(request, app)])

    async def assign(self, request: Request) -> Response:
        app, body = self._client(request), await json_object(request)
        try:
            role = Role(str(body.get("type")))
        except ValueError as error:
            raise validation_failed("type", "The lab knows SUPER_ADMIN and READ_ONLY_ADMIN") from error
        app = self._org.service_apps[app.id] = replace(app, role=role)
        log_call(self._org, request, "app.oauth2.client.privilege.grant", app.as_party())
        return JSONResponse(_shown(request, app), 201)

    def _client(self, request: Request) -> ServiceApp:
        client_id = request.path_params["client"]
        if client_id not in self._org.service_apps:
            raise not_found(client_id, "Client")
        return self._org.service_apps[client_id]


def _shown(request: Request, app: ServiceApp) -> dict[str, Any]:
    moment = whole_seconds(app.created)
    return {
        "id": f"irb{app.id[3:]}",
        "label": app.role.replace("_", " ").title(),
        "type": app.role,
        "status": "ACTIVE",
        "created": moment,
        "lastUpdated": moment,
        "assignmentType": "CLIENT",
        "_links": {"assignee": {"href": f"{org_url(request)}/oauth2/v1/clients/{app.id}"}},
    }
