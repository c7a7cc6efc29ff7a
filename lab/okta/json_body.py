"""Request bodies of the Management API."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request

from lab.okta.errors import not_well_formed


async def json_object(request: Request) -> dict[str, Any]:
    """The request's body. Raises OktaError (400 E0000003) where it is no JSON object."""
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise not_well_formed() from error
    if not isinstance(body, dict):
        raise not_well_formed()
    return body
