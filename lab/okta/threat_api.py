"""/api/v1/threats/configuration: what ThreatInsight is told to do, and which zones it leaves alone (recorded traffic).

The lab recognises no threats: the configuration is kept and shown, and nothing is blocked by it.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.okta.api_route import api_route
from lab.okta.arrival import org_url
from lab.okta.call_log import log_call
from lab.okta.errors import validation_failed
from lab.okta.identifiers import whole_seconds
from lab.okta.json_body import json_object
from lab.okta.org import Org
from lab.okta.system_log import Party

ACTIONS = ("none", "audit", "block")


class ThreatApi:
    """ThreatInsight's configuration, for programs."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._action = "none"
        self._exclude: list[str] = []
        self._updated = org.created

    def routes(self) -> list[Route]:
        path = "/threats/configuration"
        return [
            api_route("GET", path, self.show, "okta.threatInsights.read"),
            api_route("POST", path, self.change, "okta.threatInsights.manage"),
        ]

    async def show(self, request: Request) -> Response:
        own = f"{org_url(request)}/api/v1/threats/configuration"
        return JSONResponse(
            {
                "action": self._action,
                "excludeZones": self._exclude,
                "created": whole_seconds(self._org.created),
                "lastUpdated": whole_seconds(self._updated),
                "_links": {"self": {"href": own, "hints": {"allow": ["GET", "POST"]}}},
            }
        )

    async def change(self, request: Request) -> Response:
        body = await json_object(request)
        zones = body.get("excludeZones") or []
        if body.get("action") not in ACTIONS:
            raise validation_failed("action", f"The field must be one of {', '.join(ACTIONS)}")
        known = {zone.id for zone in self._org.zones.all()}
        if not isinstance(zones, list) or not set(map(str, zones)) <= known:
            raise validation_failed("excludeZones", "The field must hold ids of zones")
        self._action, self._exclude, self._updated = body["action"], zones, self._org.clock()
        target = Party(self._org.id, "ThreatInsightConfiguration", "unknown", "ThreatInsight")
        log_call(self._org, request, "security.threat.configuration.update", target)
        return await self.show(request)
