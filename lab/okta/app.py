"""The org as an ASGI application."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount

from lab.okta.api_access import ApiAccess
from lab.okta.api_token_api import ApiTokenApi
from lab.okta.arrival import Arrivals
from lab.okta.errors import OktaError, answer_http_error, answer_okta_error
from lab.okta.log_api import LogApi
from lab.okta.oauth import AuthorizationServer
from lab.okta.oauth_error import OAuthError, answer_oauth_error
from lab.okta.org import Org
from lab.okta.org_metadata import OrgMetadata
from lab.okta.policy_api import PolicyApi
from lab.okta.policy_rule_api import PolicyRuleApi
from lab.okta.sign_in import SignIn
from lab.okta.simulate_api import SimulateApi
from lab.okta.zone_api import ZoneApi


def create_app(org: Org) -> Starlette:
    """Everything that `org` answers over HTTPS. The client's address is the peer of the socket."""
    metadata = OrgMetadata(org)
    management = [
        *metadata.api_routes(),
        *ZoneApi(org).routes(),
        *SimulateApi(org).routes(),
        *PolicyApi(org).routes(),
        *PolicyRuleApi(org).routes(),
        *ApiTokenApi(org).routes(),
        *LogApi(org).routes(),
    ]
    return Starlette(
        routes=[
            Mount("/api/v1", routes=management, middleware=[Middleware(ApiAccess, org=org)]),
            *metadata.routes(),
            *AuthorizationServer(org).routes(),
            *SignIn(org).routes(),
        ],
        middleware=[Middleware(Arrivals, org=org)],
        exception_handlers={
            OktaError: answer_okta_error,
            OAuthError: answer_oauth_error,
            HTTPException: answer_http_error,
        },
    )
