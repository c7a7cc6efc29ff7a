"""Who may call the REST API, in which of its versions, and how often; every answer carries the rate limit's fields.

Not confirmed by any source, and chosen here: the errorCode of 401, 403 and 429, and the answer to a version that a
call does not have.
"""

from __future__ import annotations

import math
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lab.uem.answers import ApiError, bearer, error_answer, same
from lab.uem.tenant import Tenant

WINDOW: Final = 60
"""Seconds over which the rate limit counts."""
VERSIONS: Final = " in versions "

Handler = Callable[[Request], Awaitable[Response]]


class ApiAccess:
    """The door of one tenant's REST API."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._window = 0
        self._used = 0

    def route(self, method: str, path: str, handlers: Mapping[int, Handler]) -> Route:
        """A call below the API's prefix; which handler answers is said by the version in the Accept field."""

        async def guarded(request: Request) -> Response:
            try:
                self._check_caller(request)
                self._count()
                answer = await _handler(request, handlers)(request)
            except ApiError as error:
                answer = error_answer(error)
            answer.headers.update(self._fields())
            return answer

        name = f"{path}{VERSIONS}{', '.join(map(str, sorted(handlers)))}"
        return Route(path, guarded, methods=[method], name=name)

    def _check_caller(self, request: Request) -> None:
        if not self._tenant.token_is_good(bearer(request)):
            raise ApiError(401, 1005, "Invalid credentials.")
        if not same(request.headers.get("aw-tenant-code", ""), self._tenant.secrets.tenant_code):
            raise ApiError(403, 1013, "Invalid API key.")

    def _count(self) -> None:
        window = math.floor(self._tenant.now().timestamp() / WINDOW)
        self._used = self._used + 1 if window == self._window else 1
        self._window = window
        if self._used > self._tenant.knobs.requests_per_minute:
            raise ApiError(429, 429, "Rate limit exceeded.")

    def _fields(self) -> dict[str, str]:
        limit = self._tenant.knobs.requests_per_minute
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - self._used)),
            "X-RateLimit-Reset": str((self._window + 1) * WINDOW),
        }


def _handler(request: Request, handlers: Mapping[int, Handler]) -> Handler:
    asked = re.search(r";\s*version\s*=\s*(\d+)", request.headers.get("accept", ""))
    version = min(handlers) if asked is None else int(asked[1])
    if version not in handlers:
        there = ", ".join(map(str, sorted(handlers)))
        raise ApiError(406, 406, f"version {version} of this call does not exist; there is {there}")
    return handlers[version]
