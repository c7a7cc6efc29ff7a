"""An app's request for a code, checked (RFC 6749 4.1.1, RFC 7636 4.3, OpenID Connect Core 3.1.2.1).

The texts are those of Okta's list of OAuth 2.0 error codes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from lab.openid import pkce

SCOPES: Final = ("openid", "email", "profile", "address", "phone", "offline_access", "groups")


@dataclass(frozen=True, slots=True)
class AuthorizeRequest:
    """A request that may go on to the sign-in. `prompt` is None, `none` or `login`."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    nonce: str | None
    challenge: str
    prompt: str | None
    login_hint: str

    def answer(self, **parameters: str) -> str:
        """Where to send the browser with `parameters`, and with the app's state."""
        return redirection(self.redirect_uri, {**parameters, "state": self.state})


class RefusedRequestError(Exception):
    """A refused request. `location` is where the app learns of it; None where the app is not known."""

    def __init__(self, error: str, description: str, location: str | None = None) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.location = location


def redirection(redirect_uri: str, parameters: Mapping[str, str]) -> str:
    """`redirect_uri` with `parameters` added to its query."""
    joint = "&" if "?" in redirect_uri else "?"
    return f"{redirect_uri}{joint}{urlencode(parameters)}"


def read_authorize_request(parameters: Mapping[str, str], redirect_uris: Collection[str] | None) -> AuthorizeRequest:
    """Check the parameters; `redirect_uris` are those of the client, None where there is no such client.

    Raises RefusedRequestError.
    """
    if redirect_uris is None:
        raise RefusedRequestError("invalid_client", "Invalid value for 'client_id' parameter.")
    redirect_uri = parameters.get("redirect_uri", "")
    if redirect_uri not in redirect_uris:
        raise RefusedRequestError(
            "invalid_request",
            "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings.",
        )
    state = parameters.get("state", "")
    found = _first_mistake(parameters)
    if found is not None:
        error, description = found
        answer = {"error": error, "error_description": description} | ({"state": state} if state else {})
        raise RefusedRequestError(error, description, redirection(redirect_uri, answer))
    return AuthorizeRequest(
        client_id=parameters["client_id"],
        redirect_uri=redirect_uri,
        scopes=tuple(parameters["scope"].split()),
        state=state,
        nonce=parameters.get("nonce"),
        challenge=parameters["code_challenge"],
        prompt=parameters.get("prompt"),
        login_hint=parameters.get("login_hint", ""),
    )


def _first_mistake(parameters: Mapping[str, str]) -> tuple[str, str] | None:
    scopes = parameters.get("scope", "").split()
    if not parameters.get("state"):
        return "invalid_request", "The authentication request has an invalid 'state' parameter."
    if parameters.get("response_type") != "code":
        text = "The response type is not supported by the authorization server."
        return "unsupported_response_type", f"{text} Configured response types: [code]."
    if parameters.get("response_mode", "query") != "query":
        return "invalid_request", "Invalid value for 'response_mode' parameter. Supported values: [query]"
    if "openid" not in scopes or not set(scopes) <= set(SCOPES):
        return "invalid_scope", "One or more scopes are not configured for the authorization server resource."
    if parameters.get("prompt", "login") not in ("none", "login"):
        return "invalid_request", "Invalid value for 'prompt' parameter. Supported values: [none, login]"
    return _pkce_mistake(parameters)


def _pkce_mistake(parameters: Mapping[str, str]) -> tuple[str, str] | None:
    if not parameters.get("code_challenge"):
        return "invalid_request", "PKCE code challenge is required by the application."
    if parameters.get("code_challenge_method") != "S256":
        return "invalid_request", "PKCE code challenge method is not supported. Valid values: [S256]"
    if not pkce.is_challenge(parameters["code_challenge"]):
        return "invalid_request", "PKCE code challenge contains illegal characters."
    return None
