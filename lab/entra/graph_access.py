"""Who may use Graph: bearer tokens with application permissions, and the throttle of conditional access."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from lab.entra.errors import GraphError
from lab.entra.tenant import Tenant
from lab.openid.signing import InvalidTokenError

Handler = Callable[[Request], Awaitable[Response]]


class GraphAccess:
    """The door in front of Graph's handlers."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._last: datetime | None = None

    def guarded(self, handler: Handler, *needs: Collection[str], throttled: bool = False) -> Handler:
        """`handler` for callers whose token has one role of each of `needs`; every error in Graph's shape."""

        async def answer(request: Request) -> Response:
            try:
                self._check(request, needs)
                if throttled:
                    self._throttle()
                return await handler(request)
            except GraphError as error:
                return error.response(self._tenant.clock(), request.headers.get("client-request-id"))

        return answer

    def _check(self, request: Request, needs: tuple[Collection[str], ...]) -> None:
        granted = frozenset(self._claims(request).get("roles", []))
        if any(granted.isdisjoint(alternatives) for alternatives in needs):
            text = "Insufficient privileges to complete the operation."
            raise GraphError(403, "Authorization_RequestDenied", text)

    def _claims(self, request: Request) -> dict[str, Any]:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise GraphError(401, "InvalidAuthenticationToken", "Access token is empty.")
        try:
            return self._tenant.tokens.read_graph_token(token)
        except InvalidTokenError as error:
            raise GraphError(401, "InvalidAuthenticationToken", str(error)) from error

    def _throttle(self) -> None:
        least, now = self._tenant.knobs.throttle, self._tenant.clock()
        if least is not None and self._last is not None and now - self._last < least:
            raise GraphError(429, "TooManyRequests", "Too many requests.")
        self._last = now
