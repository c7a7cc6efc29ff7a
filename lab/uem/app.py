"""The tenant as an ASGI application: the product's paths, and the lab's own beside them."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from lab.uem.answers import ApiError, show
from lab.uem.api_access import ApiAccess
from lab.uem.console import Console
from lab.uem.device_api import DeviceApi
from lab.uem.event_api import EventApi
from lab.uem.mdm_channel import MdmChannel
from lab.uem.outage import Fitness
from lab.uem.profile_api import ProfileApi
from lab.uem.tenant import Tenant
from lab.uem.token_api import TokenApi
from lab.uem.tunnel_api import TunnelApi


def create_app(tenant: Tenant) -> Starlette:
    """An application over `tenant`. The API's prefix is read in both of the cases that clients use."""
    access = ApiAccess(tenant)
    return Starlette(
        routes=[
            *TokenApi(tenant).routes(),
            Mount("/API", routes=_api_routes(tenant, access)),
            Mount("/api", routes=_api_routes(tenant, access)),
            Mount("/lab", routes=[*Console(tenant).routes(), *MdmChannel(tenant).routes()]),
        ],
        exception_handlers={ApiError: show},
        middleware=[Middleware(Fitness, tenant=tenant)],
    )


def _api_routes(tenant: Tenant, access: ApiAccess) -> list[Route]:
    apis = (DeviceApi(tenant), ProfileApi(tenant), TunnelApi(tenant), EventApi(tenant))
    return [route for api in apis for route in api.routes(access)]
