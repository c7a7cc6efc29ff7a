"""/api/v1/api-tokens: read, restrict and revoke; new ones are made in the console only."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.okta.api_route import api_route
from lab.okta.api_tokens import ApiToken
from lab.okta.arrival import org_url
from lab.okta.call_log import log_call
from lab.okta.caller import caller_of
from lab.okta.errors import access_denied
from lab.okta.json_body import json_object
from lab.okta.network_restriction import read_network
from lab.okta.org import Org
from lab.okta.system_log import Party

READ, MANAGE = "okta.apiTokens.read", "okta.apiTokens.manage"


class ApiTokenApi:
    """The API tokens of an org, for programs."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        return [
            api_route("GET", "/api-tokens", self.list_tokens, READ),
            api_route("DELETE", "/api-tokens/current", self.revoke_current, MANAGE),
            api_route("GET", "/api-tokens/{id}", self.get, READ),
            api_route("PUT", "/api-tokens/{id}", self.restrict, MANAGE),
            api_route("DELETE", "/api-tokens/{id}", self.revoke, MANAGE),
        ]

    async def list_tokens(self, request: Request) -> Response:
        return JSONResponse([token.to_json(org_url(request)) for token in self._org.api_tokens.all()])

    async def get(self, request: Request) -> Response:
        return JSONResponse(self._org.api_tokens.get(request.path_params["id"]).to_json(org_url(request)))

    async def restrict(self, request: Request) -> Response:
        token_id = request.path_params["id"]
        self._org.api_tokens.get(token_id)
        body = await json_object(request)
        zone_ids = [zone.id for zone in self._org.zones.all()]
        network = read_network(body.get("network") or {"connection": "ANYWHERE"}, zone_ids)
        token = self._org.api_tokens.restrict(token_id, network)
        log_call(self._org, request, "system.api_token.update", _target(token))
        return JSONResponse(token.to_json(org_url(request)))

    async def revoke(self, request: Request) -> Response:
        token = self._org.api_tokens.revoke(request.path_params["id"])
        log_call(self._org, request, "system.api_token.revoke", _target(token))
        return Response(status_code=204)

    async def revoke_current(self, request: Request) -> Response:
        own = caller_of(request).api_token_id
        if own is None:
            raise access_denied()
        log_call(self._org, request, "system.api_token.revoke", _target(self._org.api_tokens.revoke(own)))
        return Response(status_code=204)


def _target(token: ApiToken) -> Party:
    return Party(token.id, "Token", "unknown", token.name)
