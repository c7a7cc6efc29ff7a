"""The tenant as an ASGI application, for login.microsoftonline.com and graph.microsoft.com at once."""

from __future__ import annotations

from starlette.applications import Starlette

from lab.entra.errors import SignInError, answer_sign_in_error
from lab.entra.graph import Graph
from lab.entra.instance import InstanceDiscovery
from lab.entra.oauth import TokenEndpoints
from lab.entra.sign_in import SignInPages
from lab.entra.tenant import Tenant


def create_app(tenant: Tenant) -> Starlette:
    """Everything that `tenant` answers over HTTPS; the two hosts share no path."""
    return Starlette(
        routes=[
            *Graph(tenant).routes(),
            *InstanceDiscovery(tenant).routes(),
            *TokenEndpoints(tenant).routes(),
            *SignInPages(tenant).routes(),
        ],
        exception_handlers={SignInError: answer_sign_in_error},
    )
