"""The client credentials grant of service apps, at `/oauth2/v1/token` of the org authorization server.

The client shows its key with a JWT (`private_key_jwt`, the only method there), and a DPoP key where it is bound to one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from starlette.requests import Request

from lab.okta.arrival import arrival_of, org_url
from lab.okta.oauth_error import OAuthError, outside_the_network
from lab.okta.org import Org
from lab.okta.proofs import Proofs
from lab.okta.service_apps import ALGORITHMS, ServiceApp
from lab.okta.service_tokens import LIFETIME
from lab.openid.client_assertion import (
    TYPE,
    Flaw,
    FlawedAssertionError,
    check_parties,
    check_times,
    unverified,
    verified,
)

LONGEST_ASSERTION: Final = timedelta(hours=1)
_FLAWS: Final[Mapping[Flaw, str]] = {
    Flaw.UNREADABLE: "The parsing of the client_assertion failed.",
    Flaw.ALGORITHM: "The client_assertion JWT signature algorithm is invalid.",
    Flaw.KEY: "The client_assertion JWT kid is invalid.",
    Flaw.SIGNATURE: "The client_assertion signature is invalid.",
    Flaw.ISSUER: "The issuer claim for client_assertion is not a valid client_id.",
    Flaw.SUBJECT: "The subject claim for client_assertion is not a valid client_id.",
    Flaw.AUDIENCE: "The audience claim for client_assertion must be the endpoint invoked for the request.",
    Flaw.NO_EXPIRY: "The client_assertion must contain the 'exp' claim as seconds since epoch.",
    Flaw.EXPIRED: "The client_assertion token is expired.",
    Flaw.EXPIRY_TOO_FAR: "The client_assertion token has an expiration too far into the future.",
    Flaw.NOT_YET_ISSUED: "The client_assertion token must be issued before the current time.",
}


class ClientCredentials:
    """Answers one grant type of the token endpoint."""

    def __init__(self, org: Org, proofs: Proofs) -> None:
        self._org = org
        self._proofs = proofs

    def answer(self, request: Request, fields: Mapping[str, str]) -> dict[str, Any]:
        """The token that a service app asks for. Raises OAuthError."""
        app, claims = self._authenticated(request, fields)
        if not app.network.admits(arrival_of(request).zone_ids):
            raise outside_the_network()
        if self._org.knobs.nonce_challenge_spends_assertion:
            self._spend(app, claims)
        bound_to = self._proofs.of_token_request(request) if app.dpop_bound or "dpop" in request.headers else None
        if not self._org.knobs.nonce_challenge_spends_assertion:
            self._spend(app, claims)
        scopes = _granted(app, fields)
        token = self._org.service_tokens.issue(org_url(request), app.id, scopes, bound_to)
        self._org.log.add("app.oauth2.token.grant.access_token", arrival_of(request).origin, actor=app.as_party())
        return {
            "token_type": "Bearer" if bound_to is None else "DPoP",
            "expires_in": int(LIFETIME.total_seconds()),
            "access_token": token,
            "scope": " ".join(sorted(scopes)),
        }

    def _authenticated(self, request: Request, fields: Mapping[str, str]) -> tuple[ServiceApp, dict[str, Any]]:
        assertion = fields.get("client_assertion", "")
        if "client_secret" in fields or "authorization" in request.headers:
            text = "Client Credentials requests to the Org Authorization Server must use the private_key_jwt"
            raise OAuthError(401, "invalid_client", f"{text} token_endpoint_auth_method.")
        if not assertion or fields.get("client_assertion_type") != TYPE:
            raise OAuthError(401, "invalid_client", "No client credentials found.")
        try:
            return self._checked(request, assertion)
        except FlawedAssertionError as error:
            raise OAuthError(401, "invalid_client", _FLAWS[error.flaw]) from error

    def _checked(self, request: Request, assertion: str) -> tuple[ServiceApp, dict[str, Any]]:
        shown = unverified(assertion)
        app = self._org.service_apps.get(str(shown.claims.get("iss", "")))
        if app is None:
            raise FlawedAssertionError(Flaw.ISSUER)
        key = app.key(shown.header.get("kid"))
        if key is None:
            raise FlawedAssertionError(Flaw.KEY)
        claims = verified(assertion, key, ALGORITHMS)
        check_parties(claims, app.id, lambda name: name == f"{org_url(request)}{request.url.path}")
        check_times(claims, self._org.clock(), LONGEST_ASSERTION)
        return app, claims

    def _spend(self, app: ServiceApp, claims: Mapping[str, Any]) -> None:
        identifier = claims.get("jti")
        if isinstance(identifier, str) and not self._org.assertions.first_use(app.id, identifier):
            raise OAuthError(401, "invalid_client", "The client_assertion token has already been used.")


def _granted(app: ServiceApp, fields: Mapping[str, str]) -> frozenset[str]:
    asked = frozenset(fields.get("scope", "").split())
    if not asked:
        raise OAuthError(400, "invalid_scope", "No scopes were requested.")
    if "openid" in asked:
        raise OAuthError(400, "invalid_scope", "Cannot request 'openid' scopes using client credentials.")
    if not all(scope.startswith("okta.") for scope in asked):
        raise OAuthError(400, "invalid_scope", "Custom scopes are not allowed for this request.")
    granted = asked & app.scopes
    if not granted:
        raise OAuthError(400, "consent_required", "You are not allowed any of the requested scopes.")
    return granted
