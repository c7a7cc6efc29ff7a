"""The door of the Management API: who calls, and the rate limits around it."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lab.okta.arrival import UNKNOWN, arrival_of
from lab.okta.authentication import Authentication
from lab.okta.caller import Caller
from lab.okta.errors import OktaError, too_many_requests
from lab.okta.oauth_error import OAuthError
from lab.okta.org import Org
from lab.okta.rate_limits import Allowance, bucket_of


class ApiAccess:
    """Middleware before everything under /api/v1."""

    def __init__(self, app: ASGIApp, org: Org) -> None:
        self._app = app
        self._org = org
        self._authentication = Authentication(org)
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HTTPConnection(scope)
        found = self._caller(request)
        caller = found if isinstance(found, Caller) else None
        if self._in_flight >= self._org.knobs.concurrent_requests:
            allowance = self._org.rate_limits.too_many_at_once()
            self._log_violation(request, "core.concurrency.org.limit.violation")
        else:
            allowance = self._org.rate_limits.count(bucket_of(scope["path"]), caller.id if caller else None)
        send = _with_limits(send, allowance)
        if isinstance(found, OktaError | OAuthError):
            await found.response()(scope, receive, send)
        elif allowance.exceeded:
            if allowance.first_beyond:
                self._log_violation(request, "system.org.rate_limit.violation")
            await too_many_requests().response()(scope, receive, send)
        else:
            await self._answer({**scope, "okta.caller": found, "okta.knobs": self._org.knobs}, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._in_flight += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._in_flight -= 1

    def _caller(self, request: HTTPConnection) -> Caller | OktaError | OAuthError:
        try:
            return self._authentication.caller(request)
        except (OktaError, OAuthError) as refusal:
            return refusal

    def _log_violation(self, request: HTTPConnection, event_type: str) -> None:
        self._org.log.add(event_type, arrival_of(request).origin, actor=UNKNOWN, outcome="FAILURE")


def _with_limits(send: Send, allowance: Allowance) -> Send:
    async def send_with_limits(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *allowance.headers()]
        await send(message)

    return send_with_limits
