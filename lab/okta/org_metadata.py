"""Which org this is: `/.well-known/okta-organization` for everybody, `/api/v1/org` for administrators.

Shapes: Okta API, WellKnownOrgMetadata and OrgSetting. `pipeline` is `idx` for Identity Engine.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.okta.api_route import api_route
from lab.okta.arrival import org_url
from lab.okta.identifiers import whole_seconds
from lab.okta.org import Org


class OrgMetadata:
    """What an org says about itself."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        return [Route("/.well-known/okta-organization", self.well_known, methods=["GET"])]

    def api_routes(self) -> list[Route]:
        return [api_route("GET", "/org", self.settings, "okta.orgs.read")]

    async def well_known(self, request: Request) -> Response:
        settings = {"analyticsCollectionEnabled": False, "bugReportingEnabled": True, "omEnabled": False}
        links = {"organization": {"href": org_url(request)}}
        return JSONResponse({"id": self._org.id, "_links": links, "pipeline": "idx", "settings": settings})

    async def settings(self, request: Request) -> Response:
        unknown = ("address1", "address2", "city", "country", "endUserSupportHelpURL", "phoneNumber", "postalCode")
        return JSONResponse(
            {
                **dict.fromkeys(unknown),
                "companyName": self._org.company,
                "state": None,
                "supportPhoneNumber": None,
                "website": None,
                "id": self._org.id,
                "created": whole_seconds(self._org.created),
                "lastUpdated": whole_seconds(self._org.created),
                "expiresAt": None,
                "status": "ACTIVE",
                "subdomain": self._org.subdomain,
                "_links": {
                    "uploadLogo": {"href": f"{org_url(request)}/api/v1/org/logo", "hints": {"allow": ["POST"]}},
                    "logo": None,
                },
            }
        )
