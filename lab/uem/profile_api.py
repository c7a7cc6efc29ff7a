"""/mdm/profiles: the list of profiles, and orders to install or remove one (OpenAPI documents, MDM v1 and v3)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.uem.answers import ApiError, body_of, json_object
from lab.uem.api_access import ApiAccess
from lab.uem.inventory import CommandType, ManagedDevice
from lab.uem.profile import TunnelProfile
from lab.uem.records.profiles import listed
from lab.uem.records.words import PLATFORMS
from lab.uem.tenant import Tenant

WINDOWS = {"WIN_RT": "WINDOWS_DESKTOP"}
"""The search calls it by another name than the device does."""


class _Search(BaseModel):
    """What the lab reads of ProfileSearchRequestV3Model; everything else is taken and changes nothing."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    search_text: Annotated[str, Field(max_length=256)] = ""
    platform: str = ""
    page_number: int = 1
    page_size: int = 20
    exclude_compliance_profile: bool = False


class ProfileApi:
    """The Tunnel profiles of one tenant, for programs."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self, access: ApiAccess) -> list[Route]:
        return [
            access.route("POST", "/mdm/profiles/search", {3: self._search}),
            access.route("POST", "/mdm/profiles/{id:int}/install", {1: self._install}),
            access.route("POST", "/mdm/profiles/{id:int}/remove", {1: self._remove}),
        ]

    async def _search(self, request: Request) -> Response:
        asked = await body_of(request, _Search)
        if not 1 <= asked.page_size <= 50:
            raise ApiError(422, 1012, "Page size must be between 1 to 50.")
        if asked.page_number < 1:
            raise ApiError(422, 1012, "Page number must be greater than 1.")
        found = [each for each in self._tenant.delivery.profiles.values() if _matches(asked, each)]
        first = (asked.page_number - 1) * asked.page_size
        page = [listed(profile, self._tenant.group) for profile in found[first : first + asked.page_size]]
        return JSONResponse({"profiles": page, "total_count": len(found)})

    async def _install(self, request: Request) -> Response:
        return await self._order(request, CommandType.INSTALL_PROFILE)

    async def _remove(self, request: Request) -> Response:
        return await self._order(request, CommandType.REMOVE_PROFILE)

    async def _order(self, request: Request, kind: CommandType) -> Response:
        profile_id = request.path_params["id"]
        if profile_id not in self._tenant.delivery.profiles:
            raise ApiError(404, 10057, "Profile not found.")
        self._tenant.delivery.queue_profile(self._named(await json_object(request)), kind, profile_id)
        return Response(status_code=200)

    def _named(self, body: dict[str, Any]) -> ManagedDevice:
        """The device that a body names by one of the keys of the API."""
        for device in self._tenant.devices.values():
            names = {"DeviceId": str(device.id), "Udid": device.udid, "SerialNumber": device.serial_number}
            if any(value and str(body.get(key, "")) == value for key, value in names.items()):
                return device
        raise ApiError(404, 5002, "Device not found.")


def _matches(asked: _Search, profile: TunnelProfile) -> bool:
    word = PLATFORMS[profile.platform]
    return (
        asked.search_text.lower() in profile.name.lower()
        and asked.platform in ("", word, WINDOWS.get(word, word))
        and not (asked.exclude_compliance_profile and profile.assignment.value == "Compliance")
    )
