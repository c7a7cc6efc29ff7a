"""The org authorization server's endpoints for apps: discovery, keys, token, userinfo.

The app sign-in policy is not judged here: network conditions apply to people's flows, not to the token
endpoint (Okta support, network restrictions of the token endpoint). A refresh from outside the zone therefore
succeeds.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any, Final

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.okta.application import App
from lab.okta.arrival import UNKNOWN, arrival_of, org_url
from lab.okta.authorize_request import SCOPES
from lab.okta.client_credentials import ClientCredentials
from lab.okta.oauth_error import NO_STORE, OAuthError, outside_the_network
from lab.okta.org import Org
from lab.okta.proofs import Proofs
from lab.okta.tokens import TOKEN_LIFETIME, Code, Grant
from lab.okta.user import User
from lab.openid import pkce
from lab.openid.dpop import ALGORITHMS

_CLAIMS: Final = [
    *("iss", "ver", "sub", "aud", "iat", "exp", "jti", "auth_time", "amr", "nonce", "at_hash"),
    *("name", "preferred_username", "given_name", "family_name", "email", "email_verified"),
]


class AuthorizationServer:
    """The org's own authorization server."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._services = ClientCredentials(org, Proofs(org))

    def routes(self) -> list[Route]:
        return [
            Route("/.well-known/openid-configuration", self.discovery, methods=["GET"]),
            Route("/oauth2/v1/keys", self.keys, methods=["GET"]),
            Route("/oauth2/v1/token", self.token, methods=["POST"]),
            Route("/oauth2/v1/userinfo", self.userinfo, methods=["GET", "POST"]),
            Route("/oauth2/v1/revoke", self.revoke, methods=["POST"]),
            Route("/oauth2/v1/introspect", self.introspect, methods=["POST"]),
        ]

    async def discovery(self, request: Request) -> Response:
        issuer = org_url(request)
        return JSONResponse(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/oauth2/v1/authorize",
                "token_endpoint": f"{issuer}/oauth2/v1/token",
                "userinfo_endpoint": f"{issuer}/oauth2/v1/userinfo",
                "jwks_uri": f"{issuer}/oauth2/v1/keys",
                "introspection_endpoint": f"{issuer}/oauth2/v1/introspect",
                "end_session_endpoint": f"{issuer}/oauth2/v1/logout",
                "revocation_endpoint": f"{issuer}/oauth2/v1/revoke",
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": list(SCOPES),
                "token_endpoint_auth_methods_supported": ["private_key_jwt", "none"],
                "dpop_signing_alg_values_supported": list(ALGORITHMS),
                "claims_supported": _CLAIMS,
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self._org.tokens.key.published()]})

    async def token(self, request: Request) -> Response:
        form = await request.form()
        fields = {name: value for name, value in form.items() if not isinstance(value, UploadFile)}
        if fields.get("grant_type") == "client_credentials":
            return JSONResponse(self._services.answer(request, fields), headers=NO_STORE)
        app = self._org.apps.get(fields.get("client_id", ""))
        if app is None:
            raise OAuthError(401, "invalid_client", "Invalid value for 'client_id' parameter.")
        self._check_network(request, app)
        kind = fields.get("grant_type")
        configured = ", ".join(sorted(app.grant_types))
        if not kind:
            text = f"The token request must specify a 'grant_type'. Valid values: [{configured}]"
            raise OAuthError(400, "invalid_request", text)
        if kind not in app.grant_types:
            text = "The authorization grant type is not supported by the authorization server."
            raise OAuthError(400, "unsupported_grant_type", f"{text} Configured grant types: [{configured}].")
        grant = self._by_code(app, fields) if kind == "authorization_code" else self._by_refresh(request, app, fields)
        return JSONResponse(self._issue(request, app, grant), headers=NO_STORE)

    async def userinfo(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        grant = self._org.tokens.access(token) if scheme.lower() == "bearer" else None
        user = self._org.user(grant.login) if grant is not None else None
        if grant is not None and grant.client_id in self._org.apps:
            self._check_network(request, self._org.apps[grant.client_id])
        if grant is None or user is None:
            challenge = 'Bearer error="invalid_token", error_description="The access token is invalid."'
            return Response(status_code=401, headers={"WWW-Authenticate": challenge})
        return JSONResponse({"sub": user.id, **_profile(user, grant.scopes)}, headers=NO_STORE)

    async def revoke(self, request: Request) -> Response:
        """RFC 7009: a token that is none is revoked, too."""
        app, fields = await self._client(request)
        grant = self._org.tokens.grant_of(fields.get("token", ""))
        if grant is not None and grant.client_id == app.id:
            self._org.tokens.revoke(grant.id)
            self._org.log.add("app.oauth2.token.revoke", arrival_of(request).origin, actor=app.as_party())
        return Response(status_code=200, headers=NO_STORE)

    async def introspect(self, request: Request) -> Response:
        """RFC 7662."""
        app, fields = await self._client(request)
        grant = self._org.tokens.grant_of(fields.get("token", ""))
        if grant is None or grant.client_id != app.id:
            return JSONResponse({"active": False}, headers=NO_STORE)
        shown = {"active": True, "scope": " ".join(grant.scopes), "username": grant.login, "client_id": app.id}
        return JSONResponse(shown | {"token_type": "Bearer", "iss": org_url(request)}, headers=NO_STORE)

    async def _client(self, request: Request) -> tuple[App, Mapping[str, str]]:
        form = await request.form()
        fields = {name: value for name, value in form.items() if not isinstance(value, UploadFile)}
        app = self._org.apps.get(fields.get("client_id", ""))
        if app is None:
            raise OAuthError(401, "invalid_client", "Invalid value for 'client_id' parameter.")
        self._check_network(request, app)
        return app, fields

    def _check_network(self, request: Request, app: App) -> None:
        """The client's own network, which binds even a refresh to the tunnel (Okta support)."""
        if not app.network.admits(arrival_of(request).zone_ids):
            raise outside_the_network()

    def _by_code(self, app: App, fields: Mapping[str, str]) -> Grant:
        verifier = fields.get("code_verifier", "")
        if not verifier:
            raise OAuthError(400, "invalid_request", "PKCE code verifier is required by the application.")
        code = self._org.tokens.redeem_code(fields.get("code", ""))
        if code is None:
            raise OAuthError(400, "invalid_grant", "The authorization code is invalid or has expired.")
        _check_code(code, app, fields.get("redirect_uri", ""), verifier)
        return code.grant

    def _by_refresh(self, request: Request, app: App, fields: Mapping[str, str]) -> Grant:
        result = self._org.tokens.redeem_refresh(fields.get("refresh_token", ""), app.id)
        if result.reused is not None:
            user = self._org.user(result.reused.login)
            actor = user.as_party() if user is not None else UNKNOWN
            origin = arrival_of(request).origin
            self._org.log.add("app.oauth2.token.detect_reuse", origin, actor=actor, outcome="FAILURE")
        if result.grant is None:
            raise OAuthError(400, "invalid_grant", "The refresh token is invalid or expired.")
        return result.grant

    def _issue(self, request: Request, app: App, grant: Grant) -> dict[str, Any]:
        user = self._org.user(grant.login)
        if user is None:
            raise OAuthError(400, "invalid_grant", "The grant belongs to nobody.")
        access = self._org.tokens.issue_access(grant)
        answer: dict[str, Any] = {
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFETIME.total_seconds()),
            "access_token": access,
            "scope": " ".join(grant.scopes),
        }
        if "offline_access" in grant.scopes:
            answer["refresh_token"] = self._org.tokens.issue_refresh(grant)
        answer["id_token"] = self._org.tokens.key.sign(self._claims(org_url(request), user, grant, access))
        for kind in ("access_token", "id_token", "refresh_token"):
            if kind in answer:
                self._org.log.add(
                    f"app.oauth2.token.grant.{kind}",
                    arrival_of(request).origin,
                    actor=app.as_party(),
                    targets=[user.as_party()],
                )
        return answer

    def _claims(self, issuer: str, user: User, grant: Grant, access: str) -> dict[str, Any]:
        now = int(self._org.clock().timestamp())
        claims: dict[str, Any] = {
            "sub": user.id,
            **_profile(user, grant.scopes),
            "ver": 1,
            "iss": issuer,
            "aud": grant.client_id,
            "iat": now,
            "exp": now + int(TOKEN_LIFETIME.total_seconds()),
            "jti": "ID." + secrets.token_urlsafe(32),
            "amr": ["pwd"] if len(grant.factors) < 2 else ["mfa", "otp", "pwd"],
            "auth_time": int(grant.authenticated.timestamp()),
            "at_hash": _half_hash(access),
        }
        return claims | ({"nonce": grant.nonce} if grant.nonce is not None else {})


def _check_code(code: Code, app: App, redirect_uri: str, verifier: str) -> None:
    if code.grant.client_id != app.id:
        text = "The grant was issued to another client. Please make sure the 'client_id' matches"
        raise OAuthError(400, "invalid_grant", f"{text} the one used at the authorize request.")
    if code.redirect_uri != redirect_uri:
        text = "The 'redirect_uri' does not match the redirection URI used in the authorization request."
        raise OAuthError(400, "invalid_grant", text)
    if not pkce.proves(verifier, code.challenge):
        raise OAuthError(400, "invalid_grant", "PKCE verification failed.")


def _profile(user: User, scopes: tuple[str, ...]) -> dict[str, Any]:
    profile: dict[str, Any] = {}
    if "profile" in scopes:
        profile |= {"name": user.name, "given_name": user.first_name, "family_name": user.last_name}
        profile |= {"preferred_username": user.login}
    if "email" in scopes:
        profile |= {"email": user.login, "email_verified": True}
    return profile


def _half_hash(token: str) -> str:
    """`at_hash` (OpenID Connect Core 3.1.3.6)."""
    half = hashlib.sha256(token.encode("ascii")).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode("ascii")
