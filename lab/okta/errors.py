"""The Management API's error bodies (Okta API reference, error codes; recorded traffic)."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from lab.okta.identifiers import new_error_id


class OktaError(Exception):
    """An answer in the Management API's error shape."""

    def __init__(self, status: int, code: str, summary: str, causes: Sequence[str] = ()) -> None:
        super().__init__(summary)
        self.status = status
        self.code = code
        self.summary = summary
        self.causes = tuple(causes)

    def response(self) -> JSONResponse:
        body = {
            "errorCode": self.code,
            "errorSummary": self.summary,
            "errorLink": self.code,
            "errorId": new_error_id(),
            "errorCauses": [{"errorSummary": cause} for cause in self.causes],
        }
        return JSONResponse(body, self.status)


def validation_failed(field: str, cause: str) -> OktaError:
    """400 for a field whose value is refused."""
    return OktaError(400, "E0000001", f"Api validation failed: {field}", [f"{field}: {cause}"])


def not_well_formed() -> OktaError:
    """400 for a body that is no JSON object."""
    return OktaError(400, "E0000003", "The request body was not well-formed.")


def invalid_token() -> OktaError:
    """401 for a missing or unknown API token."""
    return OktaError(401, "E0000011", "Invalid token provided")


def not_found(identifier: str, kind: str) -> OktaError:
    """404 for an object that does not exist."""
    return OktaError(404, "E0000007", f"Not found: Resource not found: {identifier} ({kind})")


def access_denied() -> OktaError:
    """403 for what the caller may not do."""
    return OktaError(403, "E0000006", "You do not have permission to perform the requested action")


def feature_not_enabled() -> OktaError:
    """401 for what the org does not have."""
    return OktaError(401, "E0000015", "You do not have permission to access the feature you are requesting")


def too_many_requests() -> OktaError:
    """429 for an exhausted rate limit."""
    return OktaError(429, "E0000047", "API call exceeded rate limit due to too many requests.")


def answer_okta_error(_request: Request, error: Exception) -> JSONResponse:
    """Starlette's handler for OktaError."""
    assert isinstance(error, OktaError)
    return error.response()


def answer_http_error(_request: Request, error: Exception) -> JSONResponse:
    """Starlette's handler for paths and methods that do not exist."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        summary = "The endpoint does not support the provided HTTP method"
        return OktaError(405, "E0000022", summary).response()
    return OktaError(404, "E0000008", "The requested path was not found").response()
