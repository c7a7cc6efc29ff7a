"""/api/v1/zones, as recorded: POST answers 200, PUT replaces all and answers with a stale `lastUpdated`."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.okta.api_route import api_route
from lab.okta.arrival import org_url
from lab.okta.call_log import log_call
from lab.okta.errors import validation_failed
from lab.okta.json_body import json_object
from lab.okta.org import Org
from lab.okta.paging import limit_of, link_pages, page_of
from lab.okta.search import read_search
from lab.okta.system_log import Party
from lab.okta.zone import Zone

LARGEST_PAGE = 200
FILTERED = ("id", "usage", "system")


class ZoneApi:
    """The zones of an org, for programs."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        return [
            api_route("GET", "/zones", self.list_zones, "okta.networkZones.read"),
            api_route("POST", "/zones", self.create, "okta.networkZones.manage"),
            api_route("GET", "/zones/{id}", self.get, "okta.networkZones.read"),
            api_route("PUT", "/zones/{id}", self.replace, "okta.networkZones.manage"),
            api_route("DELETE", "/zones/{id}", self.delete, "okta.networkZones.manage"),
            api_route("POST", "/zones/{id}/lifecycle/activate", self.activate, "okta.networkZones.manage"),
            api_route("POST", "/zones/{id}/lifecycle/deactivate", self.deactivate, "okta.networkZones.manage"),
        ]

    async def list_zones(self, request: Request) -> Response:
        limit = limit_of(request, self._org.knobs.zone_page_size, LARGEST_PAGE)
        zones = self._org.zones.all()
        if "filter" in request.query_params:
            selects = read_search(request.query_params["filter"], FILTERED)
            zones = [zone for zone in zones if selects({name: getattr(zone, name) for name in FILTERED})]
        shown, following = page_of(zones, request, limit)
        response = JSONResponse([zone.to_json(org_url(request)) for zone in shown])
        link_pages(response, request, following, limit)
        return response

    async def create(self, request: Request) -> Response:
        zone = self._org.zones.create(await json_object(request))
        self._log(request, "zone.create", zone)
        return JSONResponse(zone.to_json(org_url(request)))

    async def get(self, request: Request) -> Response:
        return JSONResponse(self._org.zones.get(request.path_params["id"]).to_json(org_url(request)))

    async def replace(self, request: Request) -> Response:
        zone_id, body = request.path_params["id"], await json_object(request)
        if body.get("status") == "INACTIVE" or body.get("usage") == "BLOCKLIST" or body.get("type") != "IP":
            self._refuse_if_a_token_is_bound_to(zone_id)
        before, after = self._org.zones.replace(zone_id, body)
        if after != before:
            self._log(request, "zone.update", after)
        if after.usage != before.usage:
            became_blocklist = after.usage == "BLOCKLIST"
            self._log(request, "zone.make_blacklist" if became_blocklist else "zone.remove_blacklist", after)
        shown = replace(after, last_updated=before.last_updated).to_json(org_url(request))
        if after.is_exempt_list:
            links = shown.pop("_links")
            shown |= {"useAsBlackList": False, "useAsExemptList": True, "_links": links}
        return JSONResponse(shown)

    async def delete(self, request: Request) -> Response:
        zone_id = request.path_params["id"]
        self._refuse_if_a_token_is_bound_to(zone_id)
        self._refuse_if_needed_by_a_rule(zone_id)
        zone = self._org.zones.delete(zone_id)
        for policy in self._org.policies.all():
            policy.rules = [rule.without_zone(zone_id) for rule in policy.rules]
        self._log(request, "zone.delete", zone)
        return Response(status_code=204)

    async def activate(self, request: Request) -> Response:
        return self._set_status(request, "ACTIVE", "zone.activate")

    async def deactivate(self, request: Request) -> Response:
        self._refuse_if_a_token_is_bound_to(request.path_params["id"])
        return self._set_status(request, "INACTIVE", "zone.deactivate")

    def _set_status(self, request: Request, status: str, event_type: str) -> Response:
        zone = self._org.zones.set_status(request.path_params["id"], status)
        self._log(request, event_type, zone)
        return JSONResponse(zone.to_json(org_url(request)))

    def _refuse_if_needed_by_a_rule(self, zone_id: str) -> None:
        zone = self._org.zones.get(zone_id)
        for policy in self._org.policies.all():
            if any(rule.zone_ids == {zone_id} for rule in policy.rules):
                cause = f"The zone: {zone.name} is the only zone of a rule of the policy: {policy.name}"
                raise validation_failed("id", cause)

    def _refuse_if_a_token_is_bound_to(self, zone_id: str) -> None:
        """Release note 2024.07: such a zone stays active, an IP zone, and no blocklist."""
        zone = self._org.zones.get(zone_id)
        for token in self._org.api_tokens.all():
            if zone_id in token.network.zone_ids:
                cause = f"The zone: {zone.name} is the network restriction of the API token: {token.name}"
                raise validation_failed("id", cause)

    def _log(self, request: Request, event_type: str, zone: Zone) -> None:
        target = Party(zone.id, "NetworkZone", "unknown", zone.name)
        log_call(self._org, request, event_type, target)
