"""Who calls the Management API: API tokens (`SSWS`), and service apps with `Bearer` or `DPoP` access tokens."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from lab.okta.arrival import arrival_of
from lab.okta.caller import Caller
from lab.okta.errors import access_denied, invalid_token
from lab.okta.oauth_error import OAuthError, outside_the_network
from lab.okta.org import Org
from lab.okta.proofs import Proofs
from lab.openid.signing import InvalidTokenError


class Authentication:
    """Tells callers apart."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._proofs = Proofs(org)

    def caller(self, request: HTTPConnection) -> Caller:
        """Who shows a good token from a place where it works.

        Raises OktaError (401, 403) and, about DPoP and a client's network, OAuthError (400, 401, 403).
        """
        shown = request.headers.get("authorization", "")
        if shown.startswith("SSWS") and not self._org.knobs.ssws_needs_space:
            return self._owner(request, shown.removeprefix("SSWS").strip())
        scheme, _, secret = shown.partition(" ")
        if scheme == "SSWS":
            return self._owner(request, secret)
        if scheme.lower() in ("bearer", "dpop"):
            return self._service(request, scheme.lower(), secret)
        raise invalid_token()

    def _owner(self, request: HTTPConnection, secret: str) -> Caller:
        token = self._org.api_tokens.used(secret)
        if token is None:
            raise invalid_token()
        if not token.network.admits(arrival_of(request).zone_ids):
            event = "system.api_token.request_outside_allowed_range"
            origin = arrival_of(request).origin
            self._org.log.add(event, origin, actor=token.owner, outcome="FAILURE", api_token_id=token.id)
            raise access_denied()
        return Caller(token.id, token.owner, token.role, scopes=None, api_token_id=token.id)

    def _service(self, request: HTTPConnection, scheme: str, secret: str) -> Caller:
        try:
            token = self._org.service_tokens.read(secret)
        except InvalidTokenError as error:
            raise invalid_token() from error
        app = self._org.service_apps.get(token.client_id)
        if app is None:
            raise invalid_token()
        self._check_binding(request, scheme, secret, token.bound_to)
        if not app.network.admits(arrival_of(request).zone_ids):
            raise outside_the_network()
        return Caller(app.id, app.as_party(), app.role, token.scopes)

    def _check_binding(self, request: HTTPConnection, scheme: str, secret: str, bound_to: str | None) -> None:
        if bound_to is None and scheme == "dpop":
            raise OAuthError(401, "invalid_token", "The presented access_token is not DPoP bound.")
        if bound_to is None:
            return
        if scheme != "dpop":
            text = "The resource request must use the DPoP authentication scheme when using a DPoP bound token."
            raise OAuthError(400, "invalid_request", text)
        if self._proofs.of_api_request(request, secret) != bound_to:
            raise OAuthError(400, "invalid_dpop_proof", "The access_token is not bound to the provided DPoP proof.")
