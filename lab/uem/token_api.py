"""The token endpoint (RFC 6749, section 4.4): client credentials in the form, as the product's clients send them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.uem.answers import same
from lab.uem.tenant import TOKEN_LIFETIME, Tenant


class TokenApi:
    """Access tokens for REST clients of one tenant, by the on-premises path and by the cloud's."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self) -> list[Route]:
        return [Route(path, self.token, methods=["POST"]) for path in ("/oauth/token", "/connect/token")]

    async def token(self, request: Request) -> Response:
        form = await request.form()
        known = self._tenant.secrets
        if form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, status_code=400)
        given_id, given_secret = str(form.get("client_id", "")), str(form.get("client_secret", ""))
        if not (same(given_id, known.client_id) and same(given_secret, known.client_secret)):
            return JSONResponse({"error": "invalid_client"}, status_code=400)
        seconds = int(TOKEN_LIFETIME.total_seconds())
        body = {"access_token": self._tenant.issue_token(), "token_type": "Bearer", "expires_in": seconds}
        return JSONResponse(body, headers={"Cache-Control": "no-store"})
