"""Entra's errors: AADSTS codes of the sign-in service, and Graph's error bodies (Microsoft's documentation)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse

BLOCKED: Final = 53003
BLOCKED_TEXT: Final = (
    "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance."
)
WRONG_PASSWORD: Final = 50126
MFA_NEEDED: Final = 50076
MFA_TEXT: Final = (
    "Due to a configuration change made by your administrator, or because you moved to a new location,"
    " you must use multi-factor authentication to access this resource."
)
NOT_COMPLIANT: Final = 53000
NOT_COMPLIANT_TEXT: Final = (
    "Device is not in required device state: compliant. Conditional Access policy requires a compliant device,"
    " and the device is not compliant."
)
REVOKED: Final = 50173
REVOKED_TEXT: Final = (
    "The provided grant has expired due to it being revoked, a fresh auth token is needed."
    " The user might have changed or reset their password."
)
_NO_STORE: Final = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"}


def new_guid() -> str:
    return str(uuid.uuid4())


@dataclass(eq=False)
class SignInError(Exception):
    """An error of the sign-in service. `number` is the AADSTS code, `error` the OAuth word for it."""

    error: str
    number: int
    text: str
    moment: datetime
    status: int = 400
    trace_id: str = field(default_factory=new_guid)
    correlation_id: str = field(default_factory=new_guid)

    def __str__(self) -> str:
        return f"AADSTS{self.number}: {self.text}"

    @property
    def timestamp(self) -> str:
        return self.moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")

    @property
    def description(self) -> str:
        traces = (f"Trace ID: {self.trace_id}", f"Correlation ID: {self.correlation_id}")
        return "\r\n".join((str(self), *traces, f"Timestamp: {self.timestamp}"))

    def response(self) -> JSONResponse:
        body = {
            "error": self.error,
            "error_description": self.description,
            "error_codes": [self.number],
            "timestamp": self.timestamp,
            "trace_id": self.trace_id,
            "correlation_id": self.correlation_id,
        }
        return JSONResponse(body, self.status, _NO_STORE)


class GraphError(Exception):
    """An answer in Graph's error shape."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def response(self, moment: datetime, client_request_id: str | None) -> JSONResponse:
        request_id = new_guid()
        inner = {
            "date": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": request_id,
            "client-request-id": client_request_id or request_id,
        }
        body = {"error": {"code": self.code, "message": self.message, "innerError": inner}}
        return JSONResponse(body, self.status)


def bad_request(message: str) -> GraphError:
    """400. Which code the service gives for a bad named location is not confirmed."""
    return GraphError(400, "BadRequest", message)


def not_found(identifier: str) -> GraphError:
    """404 for an object that does not exist."""
    message = (
        f"Resource '{identifier}' does not exist or one of its queried reference-property objects are not present."
    )
    return GraphError(404, "Request_ResourceNotFound", message)


def answer_sign_in_error(_request: Request, error: Exception) -> JSONResponse:
    """Starlette's handler for SignInError at the token endpoint."""
    assert isinstance(error, SignInError)
    return error.response()
