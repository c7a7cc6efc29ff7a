"""/api/v1/groups: groups and their members."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.okta.api_route import api_route
from lab.okta.arrival import org_url
from lab.okta.errors import access_denied, not_found, validation_failed
from lab.okta.groups import Group
from lab.okta.json_body import json_object
from lab.okta.org import Org

READ, MANAGE = "okta.groups.read", "okta.groups.manage"


class GroupApi:
    """The groups of an org, for programs. Everyone has its members by itself."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        member = "/groups/{group}/users/{user}"
        return [
            api_route("GET", "/groups", self.list_groups, READ),
            api_route("POST", "/groups", self.create, MANAGE),
            api_route("GET", "/groups/{group}", self.get, READ),
            api_route("GET", "/groups/{group}/users", self.members, READ),
            api_route("PUT", member, self.add_member, MANAGE),
            api_route("DELETE", member, self.remove_member, MANAGE),
        ]

    async def list_groups(self, request: Request) -> Response:
        wanted = request.query_params.get("q", "").lower()
        found = [group for group in self._org.groups.all() if group.name.lower().startswith(wanted)]
        return JSONResponse([group.to_json(org_url(request)) for group in found])

    async def create(self, request: Request) -> Response:
        profile = (await json_object(request)).get("profile") or {}
        if not isinstance(profile.get("name"), str) or not profile["name"]:
            raise validation_failed("name", "The field cannot be left blank")
        group = self._org.groups.create(profile["name"], profile.get("description"))
        return JSONResponse(group.to_json(org_url(request)))

    async def get(self, request: Request) -> Response:
        return JSONResponse(self._group(request).to_json(org_url(request)))

    async def members(self, request: Request) -> Response:
        group = self._group(request)
        found = [user for user in self._org.users.values() if group.id in self._org.groups.of(user.id)]
        return JSONResponse([user.to_json(org_url(request)) for user in found])

    async def add_member(self, request: Request) -> Response:
        group, user_id = self._changeable(request)
        group.members.add(user_id)
        return Response(status_code=204)

    async def remove_member(self, request: Request) -> Response:
        group, user_id = self._changeable(request)
        group.members.discard(user_id)
        return Response(status_code=204)

    def _changeable(self, request: Request) -> tuple[Group, str]:
        group, user_id = self._group(request), request.path_params["user"]
        if self._org.user_by_id(user_id) is None:
            raise not_found(user_id, "User")
        if group is self._org.groups.everyone:
            raise access_denied()
        return group, user_id

    def _group(self, request: Request) -> Group:
        return self._org.groups.get(request.path_params["group"])
