"""/system/eventnotifications: who is told of which events (OpenAPI document, System v1 and v2).

The settings' body is documented; the answers of creation and search are not, and are the lab's own. A password is taken
and never shown.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.uem.answers import ApiError, body_of
from lab.uem.api_access import ApiAccess, Handler
from lab.uem.event_desk import Receiver
from lab.uem.events import ATTRIBUTES, Box
from lab.uem.records.version_1 import group_uuid
from lab.uem.tenant import Tenant

JSON_FORMAT: Final = 1
NOT_FOUND: Final = 404

Find = Callable[[Request], Receiver]
Do = Callable[[Request, Receiver], Awaitable[Response]]


class _Settings(BaseModel):
    """EventNotificationModel. Tick boxes that the lab has no events for are taken, and nothing comes of them."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    target_name: str = Field(alias="TargetName", min_length=1)
    target_url: str = Field(alias="TargetUrl", pattern="^https?://")
    user: str = Field(alias="Username", default="")
    password: str = Field(alias="Password", default="", repr=False)
    format: int | str = Field(alias="Format", default=JSON_FORMAT)
    is_active: bool = Field(alias="IsActive", default=True)
    events: dict[str, Any] = Field(alias="DeviceEvents", default_factory=dict)

    def receiver(self) -> Receiver:
        if self.format not in (JSON_FORMAT, "Json"):
            raise ApiError(400, 400, "this emulator sends JSON only (Format 1)")
        attributes = self.events.get("DeviceAttributes") or {}
        boxes = {box for box in Box if (attributes if box in ATTRIBUTES else self.events).get(box) is True}
        return Receiver(self.target_name, self.target_url, self.user, self.password, frozenset(boxes), self.is_active)


class EventApi:
    """The event notifications of one tenant, for programs."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self, access: ApiAccess) -> list[Route]:
        path = "/system/eventnotifications"
        one = {1: (f"{path}/{{id:int}}", self._by_id), 2: (f"{path}/{{uuid:uuid}}", self._by_uuid)}
        routes = [
            access.route("POST", path, {1: self._create}),
            access.route("GET", f"{path}/search", {1: self._search}),
        ]
        for version, (place, find) in one.items():
            routes += [
                access.route("GET", place, {version: _with(find, self._show)}),
                access.route("PUT", place, {version: _with(find, self._replace)}),
                access.route("DELETE", place, {version: _with(find, self._delete)}),
            ]
        return routes

    async def _create(self, request: Request) -> Response:
        settings = await body_of(request, _Settings)
        return JSONResponse({"Value": self._tenant.events.add(settings.receiver()).id})

    async def _search(self, request: Request) -> Response:
        name = request.query_params.get("targetname", "").lower()
        found = [each for each in self._tenant.events.receivers.values() if name in each.name.lower()]
        if not found:
            return Response(status_code=204)
        listed = [self._written(receiver) for receiver in found]
        return JSONResponse({"EventNotifications": listed, "Page": 0, "PageSize": 500, "Total": len(listed)})

    async def _show(self, _request: Request, receiver: Receiver) -> Response:
        return JSONResponse(self._written(receiver))

    async def _replace(self, request: Request, receiver: Receiver) -> Response:
        settings = await body_of(request, _Settings)
        self._tenant.events.replace(receiver.id, settings.receiver())
        return Response(status_code=204)

    async def _delete(self, _request: Request, receiver: Receiver) -> Response:
        del self._tenant.events.receivers[receiver.id]
        return Response(status_code=204)

    def _by_id(self, request: Request) -> Receiver:
        return self._found(request.path_params["id"], "id")

    def _by_uuid(self, request: Request) -> Receiver:
        return self._found(str(request.path_params["uuid"]), "uuid")

    def _found(self, wanted: object, name: str) -> Receiver:
        for receiver in self._tenant.events.receivers.values():
            if getattr(receiver, name) == wanted:
                return receiver
        raise ApiError(NOT_FOUND, NOT_FOUND, "Event notification not found.")

    def _written(self, receiver: Receiver) -> dict[str, Any]:
        ticked = {box.value: box in receiver.boxes for box in Box if box not in ATTRIBUTES}
        attributes = {box.value: box in receiver.boxes for box in Box if box in ATTRIBUTES}
        return {
            "TargetName": receiver.name,
            "TargetUrl": receiver.url,
            "Username": receiver.user,
            "Format": JSON_FORMAT,
            "IsActive": receiver.is_active,
            "organizationGroupUuid": group_uuid(self._tenant.group),
            "DeviceEvents": {**ticked, "DeviceAttributes": attributes},
            "Id": {"Value": receiver.id},
            "Uuid": receiver.uuid,
        }


def _with(find: Find, do: Do) -> Handler:
    async def handler(request: Request) -> Response:
        return await do(request, find(request))

    return handler
