"""The tenant as an ASGI application: the product's paths, and the lab's own beside them."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import Mount, Route

from lab.uem.answers import ApiError, show
from lab.uem.lab_side import LabSide
from lab.uem.rest import Rest
from lab.uem.tenant import Tenant


def create_app(tenant: Tenant) -> Starlette:
    """An application over `tenant`. The API's prefix is read in both of the cases that clients use."""
    rest = Rest(tenant)
    return Starlette(
        routes=[
            Route("/oauth/token", rest.token, methods=["POST"]),
            Route("/connect/token", rest.token, methods=["POST"]),
            Mount("/API", routes=rest.api_routes()),
            Mount("/api", routes=rest.api_routes()),
            Mount("/lab", routes=LabSide(tenant).routes()),
        ],
        exception_handlers={ApiError: show},
    )
