"""/api/v1/devices: search, lifecycle, users."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.okta.api_route import Handler, api_route
from lab.okta.arrival import org_url
from lab.okta.call_log import log_call
from lab.okta.devices import SUSPENDED, Device
from lab.okta.identifiers import whole_seconds
from lab.okta.org import Org
from lab.okta.paging import limit_of, link_pages, page_of
from lab.okta.search import read_search
from lab.okta.system_log import Party

READ, MANAGE = "okta.devices.read", "okta.devices.manage"
LARGEST_PAGE: Final = 200
_PAST: Final = ("activate", "deactivate", "suspend", "unsuspend")


class DeviceApi:
    """The devices of an org, for programs."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        lifecycle = [
            api_route("POST", f"/devices/{{device}}/lifecycle/{verb}", self._changing(verb), MANAGE) for verb in _PAST
        ]
        return [
            api_route("GET", "/devices", self.list_devices, READ),
            api_route("GET", "/devices/{device}", self.get, READ),
            api_route("DELETE", "/devices/{device}", self.delete, MANAGE),
            api_route("GET", "/devices/{device}/users", self.users, READ),
            *lifecycle,
        ]

    async def list_devices(self, request: Request) -> Response:
        limit = limit_of(request, LARGEST_PAGE, LARGEST_PAGE)
        expand = request.query_params.get("expand")
        devices = [device for device in self._org.devices.all() if _selected(request, device)]
        shown, following = page_of(devices, request, limit)
        found = [device.to_json(org_url(request)) | self._embedded(request, device, expand) for device in shown]
        response = JSONResponse(found)
        link_pages(response, request, following, limit)
        return response

    async def get(self, request: Request) -> Response:
        return JSONResponse(self._device(request).to_json(org_url(request)))

    async def delete(self, request: Request) -> Response:
        device = self._org.devices.delete(request.path_params["device"])
        log_call(self._org, request, "device.lifecycle.delete", device_party(device))
        return Response(status_code=204)

    async def users(self, request: Request) -> Response:
        return JSONResponse(self._users(request, self._device(request), "user"))

    def _changing(self, verb: str) -> Handler:
        async def change(request: Request) -> Response:
            device, changed = self._org.devices.change(request.path_params["device"], verb)
            if changed:
                log_call(self._org, request, f"device.lifecycle.{verb}", device_party(device))
            if device.status == SUSPENDED:
                self._org.end_sessions_of_device(device.id)
            return Response(status_code=204)

        return change

    def _embedded(self, request: Request, device: Device, expand: str | None) -> dict[str, Any]:
        if expand not in ("user", "userSummary"):
            return {}
        return {"_embedded": {"users": self._users(request, device, expand)}}

    def _users(self, request: Request, device: Device, expand: str) -> list[dict[str, Any]]:
        return [
            {
                "created": whole_seconds(enrolled.created),
                "managementStatus": enrolled.management,
                "screenLockType": enrolled.screen_lock,
                "user": self._user(request, enrolled.user_id, expand),
            }
            for enrolled in device.users
        ]

    def _user(self, request: Request, user_id: str, expand: str) -> dict[str, Any]:
        user = self._org.user_by_id(user_id)
        if user is None:
            return {"id": user_id}
        whole = user.to_json(org_url(request))
        return whole if expand == "user" else {name: whole[name] for name in ("id", "profile", "_links")}

    def _device(self, request: Request) -> Device:
        return self._org.devices.get(request.path_params["device"])


def device_party(device: Device) -> Party:
    """A device as the target of an event."""
    return Party(device.id, "UDDevice", "unknown", str(device.profile.get("displayName")))


def _selected(request: Request, device: Device) -> bool:
    if "search" not in request.query_params:
        return True
    return read_search(request.query_params["search"])(device.to_json(""))
