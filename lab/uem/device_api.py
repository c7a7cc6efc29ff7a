"""/mdm/devices: search, look-ups by the names that a device has, and what is known of each device.

Paths, parameters, 204 for an empty search, error body and codes 5002, 5003, 5061: OpenAPI documents (MDM v1 to v3) and
recorded answers.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.uem.answers import ApiError
from lab.uem.api_access import ApiAccess
from lab.uem.device_search import VERSION_1, VERSION_2, VERSION_3, Found, Names, search
from lab.uem.inventory import ManagedDevice
from lab.uem.records import version_2, version_3
from lab.uem.records.apps import apps
from lab.uem.records.compliance import compliance
from lab.uem.records.profiles import device_profiles
from lab.uem.records.version_1 import record
from lab.uem.tenant import Tenant

_SEARCH_FIELDS: Final = {"udid": "udid", "serialnumber": "serial_number", "deviceid": "id"}
_NEVER_KNOWN: Final = ("macaddress", "imeinumber", "easid")
"""Names by which the API looks up devices, and which no device of the lab has."""


class DeviceApi:
    """The inventory, for programs."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self, access: ApiAccess) -> list[Route]:
        searches = {1: self._search_1, 2: self._search_2, 3: self._search_3}
        return [
            access.route("GET", "/mdm/devices/search", searches),
            access.route("GET", "/mdm/devices", {1: self._find}),
            access.route("GET", "/mdm/devices/compliance", {1: self._compliance_found}),
            access.route("GET", "/mdm/devices/profiles", {1: self._profiles_found}),
            access.route("GET", "/mdm/devices/apps", {1: self._apps_found}),
            access.route("GET", "/mdm/devices/udid/{udid}", {1: self._uuid_of}),
            access.route("GET", "/mdm/devices/{id:int}", {1: self._detail}),
            access.route("GET", "/mdm/devices/{uuid:uuid}", {2: self._summary, 3: self._alone}),
            access.route("GET", "/mdm/devices/{id:int}/compliance", {1: self._compliance}),
            access.route("GET", "/mdm/devices/{id:int}/profiles", {1: self._profiles}),
            access.route("GET", "/mdm/devices/{id:int}/apps", {1: self._apps}),
        ]

    # --- search -----------------------------------------------------------------------------------

    async def _search_1(self, request: Request) -> Response:
        return self._old_answer(self._found(request, VERSION_1))

    async def _search_2(self, request: Request) -> Response:
        return self._old_answer(self._found(request, VERSION_2))

    async def _search_3(self, request: Request) -> Response:
        page = self._found(request, VERSION_3)
        if not page.devices:
            return Response(status_code=204)
        devices = [version_3.found(device, self._tenant.group) for device in page.devices]
        return JSONResponse({"devices": devices, "page": page.page, "page_size": page.page_size, "total": page.total})

    def _found(self, request: Request, names: Names) -> Found:
        return search(request, self._tenant.shown(), names, self._tenant.group)

    def _old_answer(self, page: Found) -> Response:
        if not page.devices:
            return Response(status_code=204)
        devices = [record(device, self._tenant.group) for device in page.devices]
        return JSONResponse({"Devices": devices, "Page": page.page, "PageSize": page.page_size, "Total": page.total})

    # --- one device -------------------------------------------------------------------------------

    async def _find(self, request: Request) -> Response:
        return JSONResponse(record(self._named(request), self._tenant.group))

    async def _detail(self, request: Request) -> Response:
        return JSONResponse(record(self._by_id(request), self._tenant.group))

    async def _uuid_of(self, request: Request) -> Response:
        for device in self._tenant.shown():
            if device.udid == request.path_params["udid"]:
                return JSONResponse({"uuid": device.uuid})
        raise ApiError(404, 5061, "Device not found.")

    async def _summary(self, request: Request) -> Response:
        return JSONResponse(version_2.summary(self._by_uuid(request)))

    async def _alone(self, request: Request) -> Response:
        return JSONResponse(version_3.alone(self._by_uuid(request), self._tenant.group))

    async def _compliance(self, request: Request) -> Response:
        return self._compliance_of(self._by_id(request))

    async def _compliance_found(self, request: Request) -> Response:
        return self._compliance_of(self._named(request))

    async def _profiles(self, request: Request) -> Response:
        return self._profiles_of(self._by_id(request))

    async def _profiles_found(self, request: Request) -> Response:
        return self._profiles_of(self._named(request))

    async def _apps(self, request: Request) -> Response:
        return self._apps_of(self._by_id(request))

    async def _apps_found(self, request: Request) -> Response:
        return self._apps_of(self._named(request))

    def _compliance_of(self, device: ManagedDevice) -> Response:
        tenant = self._tenant
        return JSONResponse(compliance(device, tenant.compliance.policies, tenant.knobs.check_every))

    def _profiles_of(self, device: ManagedDevice) -> Response:
        return JSONResponse(device_profiles(device, self._tenant.delivery, self._tenant.group))

    def _apps_of(self, device: ManagedDevice) -> Response:
        return JSONResponse(apps(device, self._tenant.delivery.apps))

    def _named(self, request: Request) -> ManagedDevice:
        kind, value = request.query_params.get("searchby", ""), request.query_params.get("id", "")
        field = _SEARCH_FIELDS.get(kind.lower())
        if field is None and kind.lower() not in _NEVER_KNOWN:
            raise ApiError(422, 5003, f"searchby '{kind}' is not supported")
        for device in self._tenant.shown():
            if field and value and str(getattr(device, field)) == value:
                return device
        raise ApiError(404, 5002, "Device not found.")

    def _by_id(self, request: Request) -> ManagedDevice:
        for device in self._tenant.shown():
            if device.id == request.path_params["id"]:
                return device
        raise ApiError(404, 5002, "Device not found.")

    def _by_uuid(self, request: Request) -> ManagedDevice:
        wanted = str(request.path_params["uuid"])
        for device in self._tenant.shown():
            if device.uuid == wanted:
                return device
        raise ApiError(404, 5061, "Device not found.")
