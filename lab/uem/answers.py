"""How the tenant says no: the product's error body, and bearer secrets compared in constant time."""

from __future__ import annotations

import secrets
import uuid

from starlette.requests import Request
from starlette.responses import JSONResponse


class ApiError(Exception):
    """An answer that is an error. `code` is the body's errorCode."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


async def show(request: Request, error: Exception) -> JSONResponse:
    """Starlette's exception handler for ApiError: the body that the product documents."""
    del request
    if not isinstance(error, ApiError):
        raise error
    body = {"errorCode": error.code, "message": error.message, "activityId": str(uuid.uuid4())}
    return JSONResponse(body, status_code=error.status)


def bearer(request: Request) -> str:
    """The bearer token of a request; empty when it has none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def same(found: str, expected: str) -> bool:
    return secrets.compare_digest(found.encode(), expected.encode())
