"""An app's request for a code, checked (Microsoft identity platform, OAuth 2.0 authorization code flow)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from lab.openid import pkce


@dataclass(frozen=True, slots=True)
class AuthorizeRequest:
    """A request that may go on to the sign-in. `state`, `nonce`, `challenge` and `prompt` are optional."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    nonce: str | None
    challenge: str | None
    prompt: str | None
    login_hint: str
    response_mode: str = "query"
    client_capabilities: frozenset[str] = frozenset()
    """What the app says it can do, such as `cp1`: handle claims challenges."""

    def answer(self, **parameters: str) -> str:
        """Where to send the browser with `parameters`, and with the app's state."""
        joint = "&" if "?" in self.redirect_uri else "?"
        return f"{self.redirect_uri}{joint}{urlencode(self.with_state(parameters))}"

    def with_state(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """`parameters` and the app's state, if it sent one."""
        return {**parameters} | ({"state": self.state} if self.state is not None else {})


def read_authorize_request(parameters: Mapping[str, str]) -> AuthorizeRequest:
    """The request in `parameters`; client and redirect URI are the tenant's to check."""
    return AuthorizeRequest(
        client_id=parameters.get("client_id", ""),
        redirect_uri=parameters.get("redirect_uri", ""),
        scopes=tuple(parameters.get("scope", "").split()),
        state=parameters.get("state"),
        nonce=parameters.get("nonce"),
        challenge=parameters.get("code_challenge"),
        prompt=parameters.get("prompt"),
        login_hint=parameters.get("login_hint", ""),
        response_mode=parameters.get("response_mode", "query"),
        client_capabilities=read_capabilities(parameters.get("claims", "")),
    )


def read_capabilities(claims: str) -> frozenset[str]:
    """The `xms_cc` values that the `claims` parameter asks for; whatever cannot be read asks for nothing."""
    try:
        wanted = json.loads(claims)["access_token"]["xms_cc"]["values"]
    except (ValueError, KeyError, TypeError):
        return frozenset()
    return frozenset(value for value in wanted if isinstance(value, str)) if isinstance(wanted, list) else frozenset()


def is_challenged(claims: str) -> bool:
    """Whether the `claims` parameter answers a resource's challenge: it asks for a token made from now on."""
    try:
        return bool(json.loads(claims)["access_token"]["nbf"]["essential"])
    except (ValueError, KeyError, TypeError):
        return False


def mistake_in(request: AuthorizeRequest, parameters: Mapping[str, str]) -> tuple[str, int, str] | None:
    """The first thing wrong with a request of a known app: OAuth error, AADSTS code, text."""
    kind = parameters.get("response_type", "")
    if kind != "code":
        return "unsupported_response_type", 700054, f"response_type '{kind}' is not enabled for the application."
    if request.response_mode not in ("query", "form_post"):
        return "invalid_request", 9002313, "Invalid request. Request is malformed or invalid."
    if "openid" not in request.scopes:
        return "invalid_scope", 70011, "The provided value for the input parameter 'scope' is not valid."
    if request.prompt not in (None, "none", "login", "select_account", "consent"):
        return "invalid_request", 90023, "Unsupported 'prompt' value."
    if request.challenge is not None and not _is_s256(request.challenge, parameters):
        return "invalid_request", 9002313, "Invalid request. The lab takes PKCE challenges of the method S256 only."
    return None


def _is_s256(challenge: str, parameters: Mapping[str, str]) -> bool:
    return parameters.get("code_challenge_method") == "S256" and pkce.is_challenge(challenge)
