"""Routes of the Management API: each names the scope that a service app needs for it (Okta API, `security`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lab.okta.arrival import org_url
from lab.okta.caller import Caller, caller_of
from lab.okta.errors import access_denied
from lab.okta.knobs import Knobs

Handler = Callable[[Request], Awaitable[Response]]


def api_route(method: str, path: str, handler: Handler, scope: str) -> Route:
    """`handler` for callers whose role and scopes cover `scope`; the others get 403."""

    async def guarded(request: Request) -> Response:
        knobs: Knobs = request.scope["okta.knobs"]
        caller = caller_of(request)
        if not _has_scope(caller, scope, knobs):
            return _scope_missing(request, scope, knobs)
        if not caller.role.allows(scope):
            raise access_denied()
        return await handler(request)

    return Route(path, guarded, methods=[method], name=f"{handler.__name__}: {scope}")


def _has_scope(caller: Caller, scope: str, knobs: Knobs) -> bool:
    if caller.scopes is None or scope in caller.scopes:
        return True
    resource, _, verb = scope.rpartition(".")
    return verb == "read" and knobs.manage_includes_read and f"{resource}.manage" in caller.scopes


def _scope_missing(request: Request, scope: str, knobs: Knobs) -> Response:
    """The recorded `WWW-Authenticate` field, and the documented body."""
    origin = org_url(request)
    parts = {
        "authorization_uri": f"{origin}/oauth2/v1/authorize",
        "realm": origin,
        "scope": scope,
        "error": "insufficient_scope",
        "error_description": "The access token provided does not contain the required scopes.",
        "resource": request.url.path,
    }
    challenge = "Bearer " + ", ".join(f'{name}="{value}"' for name, value in parts.items())
    response = access_denied().response() if knobs.scope_error_has_body else Response(status_code=403)
    response.headers["WWW-Authenticate"] = challenge
    return response
