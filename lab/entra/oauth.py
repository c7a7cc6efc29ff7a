"""The tenant's endpoints for programs: discovery, keys, and the token endpoint with its three grants."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.entra.access import judged, refusal, written_down
from lab.entra.authorize_request import is_challenged
from lab.entra.client_authentication import authenticated
from lab.entra.errors import REVOKED, REVOKED_TEXT
from lab.entra.resources import GRAPH
from lab.entra.sign_in import form_fields, origin_of, unknown_app
from lab.entra.tenant import Tenant, User
from lab.entra.tokens import TOKEN_SECONDS, Grant
from lab.openid import pkce

_NO_STORE: Final = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"}
_CLAIMS: Final = [
    *("sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "nonce"),
    *("preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email"),
]


class TokenEndpoints:
    """The tenant's part of the Microsoft identity platform, version 2.0."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self) -> list[Route]:
        return [
            Route("/{tenant}/v2.0/.well-known/openid-configuration", self.discovery, methods=["GET"]),
            Route("/{tenant}/discovery/v2.0/keys", self.keys, methods=["GET"]),
            Route("/{tenant}/oauth2/v2.0/token", self.token, methods=["POST"]),
        ]

    async def discovery(self, request: Request) -> Response:
        self._tenant.check_name(request.path_params["tenant"])
        login = f"https://{request.headers['host']}/{self._tenant.id}"
        return JSONResponse(
            {
                "token_endpoint": f"{login}/oauth2/v2.0/token",
                "token_endpoint_auth_methods_supported": [
                    *("client_secret_post", "private_key_jwt", "client_secret_basic"),
                ],
                "jwks_uri": f"{login}/discovery/v2.0/keys",
                "response_modes_supported": ["query", "form_post"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["code"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "issuer": f"{login}/v2.0",
                "request_uri_parameter_supported": False,
                "userinfo_endpoint": "https://graph.microsoft.com/oidc/userinfo",
                "authorization_endpoint": f"{login}/oauth2/v2.0/authorize",
                "end_session_endpoint": f"{login}/oauth2/v2.0/logout",
                "claims_supported": _CLAIMS,
                "tenant_region_scope": "EU",
                "cloud_instance_name": "microsoftonline.com",
                "cloud_graph_host_name": "graph.windows.net",
                "msgraph_host": "graph.microsoft.com",
            }
        )

    async def keys(self, request: Request) -> Response:
        self._tenant.check_name(request.path_params["tenant"])
        issuer = f"https://{request.headers['host']}/{self._tenant.id}/v2.0"
        return JSONResponse({"keys": [self._tenant.tokens.key.published() | {"issuer": issuer}]})

    async def token(self, request: Request) -> Response:
        self._tenant.check_name(request.path_params["tenant"])
        fields = await form_fields(request)
        kind = fields.get("grant_type", "")
        if kind == "client_credentials":
            return JSONResponse(self._for_service(request, fields), headers=_NO_STORE)
        if kind == "authorization_code":
            grant = self._by_code(fields)
        elif kind == "refresh_token":
            grant = self._by_refresh(request, fields)
        else:
            text = f"The app requested an unsupported grant type '{kind}'."
            raise self._tenant.error("unsupported_grant_type", 70003, text)
        answer = self._for_user(request, grant, challenged=is_challenged(fields.get("claims", "")))
        if fields.get("client_info") == "1":
            answer["client_info"] = _client_info(grant.user_id, self._tenant.id)
        return JSONResponse(answer, headers=_NO_STORE)

    def _for_service(self, request: Request, fields: Mapping[str, str]) -> dict[str, Any]:
        service = authenticated(self._tenant, request, fields)
        if fields.get("scope") != f"{GRAPH}/.default":
            text = "The provided value for the input parameter 'scope' is not valid."
            raise self._tenant.error("invalid_scope", 70011, f"{text} The scope {fields.get('scope')} is not valid.")
        return {
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "ext_expires_in": TOKEN_SECONDS,
            "access_token": self._tenant.tokens.app_token(service.id, service.roles),
        }

    def _by_code(self, fields: Mapping[str, str]) -> Grant:
        self._check_app(fields)
        code = self._tenant.tokens.codes.take(fields.get("code", ""))
        if code is None:
            text = "The provided authorization code is unknown, expired, or was redeemed already."
            raise self._tenant.error("invalid_grant", 70008, text)
        if code.grant.client_id != fields.get("client_id"):
            raise self._tenant.error("invalid_grant", 70000, "The grant was issued to another client.")
        if code.redirect_uri != fields.get("redirect_uri"):
            text = "The reply address does not match the one of the authorization request."
            raise self._tenant.error("invalid_grant", 500112, text)
        if code.challenge is not None and not pkce.proves(fields.get("code_verifier", ""), code.challenge):
            text = "The Code_Verifier does not match the code_challenge supplied in the authorization request."
            raise self._tenant.error("invalid_grant", 501481, text)
        return code.grant

    def _by_refresh(self, request: Request, fields: Mapping[str, str]) -> Grant:
        """Conditional access is judged here, too: a token taken inside is no good outside."""
        self._check_app(fields)
        grant = self._tenant.tokens.refresh.read(fields.get("refresh_token", ""))
        if grant is None or grant.client_id != fields.get("client_id"):
            text = "The refresh token is unknown, expired, or was issued to another client."
            raise self._tenant.error("invalid_grant", 70000, text)
        if self._tenant.revocations.revoked(grant.user_id, grant.authenticated):
            raise self._tenant.error("invalid_grant", REVOKED, REVOKED_TEXT)
        origin = origin_of(request)
        user = self._tenant.users[grant.user_id]
        judgement = judged(self._tenant, origin, user, grant)
        error = refusal(self._tenant, judgement, "invalid_grant")
        written_down(self._tenant, origin, user, grant, judgement=judgement, error=error, interactive=False)
        if error is not None:
            raise error
        return grant

    def _check_app(self, fields: Mapping[str, str]) -> None:
        if fields.get("client_id", "") not in self._tenant.apps:
            raise unknown_app(self._tenant, fields.get("client_id", ""))

    def _for_user(self, request: Request, grant: Grant, *, challenged: bool) -> dict[str, Any]:
        """The tokens of a grant.

        A resource that saw another address has `challenged` the app, and conditional access lets in the one seen here:
        the token then lives for an hour, and the resource checks no address for it (standard mode).
        """
        issuer = f"https://{request.headers['host']}/{self._tenant.id}/v2.0"
        tokens = self._tenant.tokens
        access = tokens.delegated_token(grant, one_hour=challenged)
        if challenged:
            self._tenant.without_address_check.add(access.identifier)
        answer: dict[str, Any] = {
            "token_type": "Bearer",
            "scope": " ".join(grant.scopes),
            "expires_in": access.seconds,
            "ext_expires_in": access.seconds,
            "access_token": access.token,
        }
        if "offline_access" in grant.scopes:
            answer["refresh_token"] = tokens.refresh.issue(grant)
        profile = _profile(self._tenant.users[grant.user_id], grant.scopes)
        answer["id_token"] = tokens.id_token(issuer, grant, profile)
        return answer


def _profile(user: User, scopes: tuple[str, ...]) -> dict[str, Any]:
    profile: dict[str, Any] = {}
    if "profile" in scopes:
        profile |= {"name": user.display_name, "preferred_username": user.principal_name}
    if "email" in scopes:
        profile |= {"email": user.principal_name}
    return profile


def _client_info(user_id: str, tenant_id: str) -> str:
    """By which MSAL tells the accounts in its cache apart."""
    told = json.dumps({"uid": user_id, "utid": tenant_id}).encode()
    return base64.urlsafe_b64encode(told).rstrip(b"=").decode("ascii")
