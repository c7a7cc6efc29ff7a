"""The org as an ASGI application."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount

from lab.okta.api_access import ApiAccess
from lab.okta.api_token_api import ApiTokenApi
from lab.okta.app_api import AppApi
from lab.okta.arrival import Arrivals
from lab.okta.client_role_api import ClientRoleApi
from lab.okta.device_api import DeviceApi
from lab.okta.errors import OktaError, answer_http_error, answer_okta_error
from lab.okta.group_api import GroupApi
from lab.okta.log_api import LogApi
from lab.okta.oauth import AuthorizationServer
from lab.okta.oauth_error import OAuthError, answer_oauth_error
from lab.okta.okta_verify import OktaVerify
from lab.okta.org import Org
from lab.okta.org_metadata import OrgMetadata
from lab.okta.policy_api import PolicyApi
from lab.okta.policy_rule_api import PolicyRuleApi
from lab.okta.sign_in import SignIn
from lab.okta.sign_out import SignOut
from lab.okta.simulate_api import SimulateApi
from lab.okta.threat_api import ThreatApi
from lab.okta.user_api import UserApi
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
        *AppApi(org).routes(),
        *UserApi(org).routes(),
        *GroupApi(org).routes(),
        *DeviceApi(org).routes(),
        *ThreatApi(org).routes(),
        *LogApi(org).routes(),
    ]
    return Starlette(
        routes=[
            Mount("/api/v1", routes=management, middleware=[Middleware(ApiAccess, org=org)]),
            Mount(
                "/oauth2/v1/clients", routes=ClientRoleApi(org).routes(), middleware=[Middleware(ApiAccess, org=org)]
            ),
            *metadata.routes(),
            *AuthorizationServer(org).routes(),
            *SignIn(org).routes(),
            *SignOut(org).routes(),
            *OktaVerify(org).routes(),
        ],
        middleware=[Middleware(Arrivals, org=org)],
        exception_handlers={
            OktaError: answer_okta_error,
            OAuthError: answer_oauth_error,
            HTTPException: answer_http_error,
        },
    )
