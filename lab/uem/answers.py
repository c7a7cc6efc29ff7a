"""How the tenant says no: the product's error body. How it reads what callers send, secrets in constant time."""

from __future__ import annotations

import secrets
import uuid
from typing import Any, TypeVar

import pydantic
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse

M = TypeVar("M", bound=BaseModel)


class ApiError(Exception):
    """An answer that is an error. `code` is the body's errorCode."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def error_answer(error: ApiError) -> JSONResponse:
    """The body that the product documents."""
    body = {"errorCode": error.code, "message": error.message, "activityId": str(uuid.uuid4())}
    return JSONResponse(body, status_code=error.status)


async def show(request: Request, error: Exception) -> JSONResponse:
    """Starlette's exception handler for ApiError."""
    del request
    if not isinstance(error, ApiError):
        raise error
    return error_answer(error)


def bearer(request: Request) -> str:
    """The bearer token of a request; empty when it has none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def same(found: str, expected: str) -> bool:
    return secrets.compare_digest(found.encode(), expected.encode())


async def json_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object. Raises ApiError (400)."""
    try:
        body = await request.json()
    except ValueError:
        raise ApiError(400, 400, "the body is not JSON") from None
    if not isinstance(body, dict):
        raise ApiError(400, 400, "the body is not a JSON object")
    return body


async def body_of(request: Request, kind: type[M]) -> M:
    """The body as a model. Raises ApiError (400), which names the first thing that is wrong."""
    try:
        return kind.model_validate_json(await request.body())
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the body"
        raise ApiError(400, 400, f"{where}: {first['msg']}") from None


def number(request: Request, name: str, *, default: int, least: int) -> int:
    """A number of the query. Raises ApiError (400)."""
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < 10) or int(text) < least:
        raise ApiError(400, 400, f"{name} must be a number from {least} on")
    return int(text)
