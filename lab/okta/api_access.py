"""Who may use the Management API: API tokens (`Authorization: SSWS …`) and the rate limits around it."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lab.okta.errors import invalid_token, too_many_requests
from lab.okta.org import ApiToken, Org
from lab.okta.rate_limits import bucket_of


class ApiAccess:
    """Middleware before everything under /api/v1."""

    def __init__(self, app: ASGIApp, org: Org) -> None:
        self._app = app
        self._org = org

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        allowance = self._org.rate_limits.count(bucket_of(scope["path"]))

        async def send_with_limits(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *allowance.headers()]
            await send(message)

        token = self._token(Headers(scope=scope).get("authorization", ""))
        if token is None:
            await invalid_token().response()(scope, receive, send_with_limits)
        elif allowance.exceeded:
            await too_many_requests().response()(scope, receive, send_with_limits)
        else:
            scope["okta.api_token"] = token
            await self._app(scope, receive, send_with_limits)

    def _token(self, authorization: str) -> ApiToken | None:
        scheme, _, secret = authorization.partition(" ")
        if scheme != "SSWS":
            return None
        return next((token for token in self._org.api_tokens if token.digest.matches(secret)), None)


def api_token(request: HTTPConnection) -> ApiToken:
    """The token that an admitted API request came with."""
    token = request.scope["okta.api_token"]
    assert isinstance(token, ApiToken)
    return token
