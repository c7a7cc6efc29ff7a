"""/api/v1/users: find people, make them, and end their sessions and tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.okta.api_route import api_route
from lab.okta.arrival import org_url
from lab.okta.call_log import log_call
from lab.okta.caller import caller_of
from lab.okta.errors import not_found, validation_failed
from lab.okta.identifiers import new_id
from lab.okta.json_body import json_object
from lab.okta.org import Org
from lab.okta.paging import limit_of, link_pages, page_of
from lab.okta.search import read_search
from lab.okta.user import User
from lab.openid.passwords import PasswordDigest

READ, MANAGE = "okta.users.read", "okta.users.manage"
LARGEST_PAGE = 200


class UserApi:
    """The people of an org, for programs."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        return [
            api_route("GET", "/users", self.list_users, READ),
            api_route("POST", "/users", self.create, MANAGE),
            api_route("GET", "/users/{user}", self.get, READ),
            api_route("DELETE", "/users/{user}/sessions", self.end_sessions, MANAGE),
        ]

    async def list_users(self, request: Request) -> Response:
        limit = limit_of(request, LARGEST_PAGE, LARGEST_PAGE)
        users = [user for user in self._org.users.values() if _selected(request, user)]
        shown, following = page_of(users, request, limit)
        response = JSONResponse([user.to_json(org_url(request)) for user in shown])
        link_pages(response, request, following, limit)
        return response

    async def create(self, request: Request) -> Response:
        body = await json_object(request)
        profile, password = (
            body.get("profile") or {},
            ((body.get("credentials") or {}).get("password") or {}).get("value"),
        )
        login = _text(profile, "login")
        if self._org.user(login) is not None:
            raise validation_failed("login", "An object with this field already exists in the current organization")
        if not isinstance(password, str) or not password:
            raise validation_failed("password", "The lab's people need a password at once")
        first, last = _text(profile, "firstName"), _text(profile, "lastName")
        user = User(new_id("00u"), login, first, last, PasswordDigest.of(password), self._org.clock())
        self._org.add_user(user)
        log_call(self._org, request, "user.lifecycle.create", user.as_party())
        return JSONResponse(user.to_json(org_url(request)))

    async def get(self, request: Request) -> Response:
        return JSONResponse(self._user(request).to_json(org_url(request)))

    async def end_sessions(self, request: Request) -> Response:
        """`oauthTokens` is false where it is not given: apps then keep their tokens."""
        user = self._user(request)
        self._org.end_sessions(user.id)
        log_call(self._org, request, "user.session.clear", user.as_party())
        if request.query_params.get("oauthTokens", "false") == "true":
            self._org.tokens.revoke_user(user.login)
            log_call(self._org, request, "app.oauth2.token.revoke.implicit.user", user.as_party())
        return Response(status_code=204)

    def _user(self, request: Request) -> User:
        """By id or login; `me` is the owner of the API token."""
        name = request.path_params["user"]
        wanted = caller_of(request).party.id if name == "me" else name
        user = self._org.user_by_id(wanted) or self._org.user(wanted)
        if user is None:
            raise not_found(name, "User")
        return user


def _selected(request: Request, user: User) -> bool:
    query = request.query_params
    shown = user.to_json("")
    for name in ("search", "filter"):
        if name in query and not read_search(query[name])(shown):
            return False
    wanted = query.get("q", "").lower()
    return any(text.lower().startswith(wanted) for text in (user.first_name, user.last_name, user.login))


def _text(profile: Mapping[str, Any], name: str) -> str:
    value = profile.get(name)
    if not isinstance(value, str) or not value:
        raise validation_failed(name, "The field cannot be left blank")
    return value
