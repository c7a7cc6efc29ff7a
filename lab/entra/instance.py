"""What clients ask before they sign in: which cloud this is, and who signs a user in (Microsoft identity platform).

Instance discovery and user realm discovery as MSAL asks for them, `GetCredentialType` as the sign-in page does.
"""

from __future__ import annotations

import json
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.entra.tenant import Tenant

ALIASES: Final = ("login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net")
AUDIENCE: Final = "urn:federation:MicrosoftOnline"


class InstanceDiscovery:
    """Endpoints under /common."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self) -> list[Route]:
        return [
            Route("/common/discovery/instance", self.instance, methods=["GET"]),
            Route("/common/userrealm/{user}", self.user_realm, methods=["GET"]),
            Route("/common/GetCredentialType", self.credential_type, methods=["POST"]),
        ]

    async def instance(self, request: Request) -> Response:
        host = request.headers["host"]
        aliases = list(ALIASES) if host in ALIASES else [host]
        return JSONResponse(
            {
                "tenant_discovery_endpoint": f"https://{host}/{self._tenant.id}/v2.0/.well-known/openid-configuration",
                "api-version": "1.1",
                "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": aliases}],
            }
        )

    async def user_realm(self, request: Request) -> Response:
        """Home realm discovery: a domain is this tenant's own, federated, or unknown."""
        name = request.path_params["user"]
        domain = name.rpartition("@")[2].lower()
        federated = self._tenant.federated_domain(name)
        shared: dict[str, Any] = {"ver": "1.0", "domain_name": domain, "cloud_instance_name": "microsoftonline.com"}
        if federated is not None:
            answer = {
                **shared,
                "account_type": "Federated",
                "federation_protocol": "WSTrust",
                "federation_metadata_url": federated.metadata_url,
                "federation_active_auth_url": federated.active_url,
                "cloud_audience_urn": AUDIENCE,
            }
        elif domain == self._tenant.domain:
            answer = {**shared, "account_type": "Managed", "cloud_audience_urn": AUDIENCE}
        else:
            answer = {**shared, "account_type": "Unknown"}
        return JSONResponse(answer)

    async def credential_type(self, request: Request) -> Response:
        try:
            body = json.loads(await request.body())
        except ValueError:
            body = None
        name = str(body.get("username", "")) if isinstance(body, dict) else ""
        federated = self._tenant.federated_domain(name)
        credentials: dict[str, Any] = {"PrefCredential": 1, "HasPassword": True, "FederationRedirectUrl": None}
        if federated is not None:
            credentials |= {"PrefCredential": 4, "FederationRedirectUrl": federated.passive_url}
        known = self._tenant.user_named(name) is not None
        return JSONResponse(
            {
                "Username": name,
                "Display": name,
                "IfExistsResult": 0 if known else 1,
                "ThrottleStatus": 0,
                "Credentials": credentials,
            }
        )
