"""The authorization server's errors (RFC 6749 5.2); the texts are those of Okta's list of OAuth 2.0 error codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse

NO_STORE: Final = {"Cache-Control": "no-cache, no-store", "Pragma": "no-cache"}


class OAuthError(Exception):
    """An answer in the form of RFC 6749."""

    def __init__(self, status: int, error: str, description: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description
        self.headers = dict(headers or {})

    def response(self) -> JSONResponse:
        body = {"error": self.error, "error_description": self.description}
        return JSONResponse(body, self.status, NO_STORE | self.headers)


def outside_the_network() -> OAuthError:
    """403 for a client that is used outside the zones of its `network`."""
    text = "The request is made from outside the client's permitted network zones."
    return OAuthError(403, "access_denied", text)


def answer_oauth_error(_request: Request, error: Exception) -> JSONResponse:
    """Starlette's handler for OAuthError."""
    assert isinstance(error, OAuthError)
    return error.response()
