"""The tenant's REST API as the product answers it: OAuth, device search and detail, profile commands.

Version 1 of the API. Paths, parameters, 204 for an empty search, error body and codes 5002, 5003, 5061:
OpenAPI document and recorded answers. Not confirmed by any source, and chosen here: the errorCode of 401
and 403, and the answer to another version.
"""

from __future__ import annotations

import math
import re
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from lab.uem.answers import ApiError, bearer, same
from lab.uem.compliance import report
from lab.uem.inventory import CommandType, ComplianceStatus, ManagedDevice, record
from lab.uem.tenant import TOKEN_LIFETIME, DeviceUnknownError, Tenant

PAGE_SIZE: Final = 500
"""Default and largest page of a search."""
WINDOW: Final = 60
"""Seconds over which the rate limit counts."""


class Rest:
    """The endpoints over one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._window = 0
        self._used = 0

    def api_routes(self) -> list[BaseRoute]:
        """What stands below `/API`."""
        return [
            Route("/mdm/devices/search", self.search),
            Route("/mdm/devices", self.find),
            Route("/mdm/devices/udid/{udid}", self.uuid_of),
            Route("/mdm/devices/{id:int}", self.detail),
            Route("/mdm/devices/{id:int}/compliance", self.compliance),
            Route("/mdm/tunnel/devices/{uuid}/action", self.tunnel_action),
            Route("/mdm/tunnel/devices/{uuid}/action", self.act, methods=["POST"]),
            Route("/mdm/profiles/{id:int}/install", self.install, methods=["POST"]),
            Route("/mdm/profiles/{id:int}/remove", self.remove, methods=["POST"]),
        ]

    async def token(self, request: Request) -> Response:
        """RFC 6749 section 4.4, credentials in the form."""
        form = await request.form()
        known = self._tenant.secrets
        if form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, status_code=400)
        given_id, given_secret = str(form.get("client_id", "")), str(form.get("client_secret", ""))
        if not (same(given_id, known.client_id) and same(given_secret, known.client_secret)):
            return JSONResponse({"error": "invalid_client"}, status_code=400)
        seconds = int(TOKEN_LIFETIME.total_seconds())
        body = {"access_token": self._tenant.issue_token(), "token_type": "Bearer", "expires_in": seconds}
        return JSONResponse(body, headers={"Cache-Control": "no-store"})

    async def search(self, request: Request) -> Response:
        headers = self._admit(request)
        page = _number(request, "page", default=0, least=0, most=10**6)
        size = _number(request, "pagesize", default=PAGE_SIZE, least=1, most=PAGE_SIZE)
        found = [device for device in self._tenant.devices.values() if _wanted(device, request)]
        shown = found[page * size : (page + 1) * size]
        if not shown:
            return Response(status_code=204, headers=headers)
        devices = [self._record(device) for device in shown]
        body = {"Devices": devices, "Page": page, "PageSize": size, "Total": len(found)}
        return JSONResponse(body, headers=headers)

    async def find(self, request: Request) -> Response:
        headers = self._admit(request)
        kind, value = request.query_params.get("searchby", ""), request.query_params.get("id", "")
        field = _SEARCH_FIELDS.get(kind.lower())
        if field is None:
            raise ApiError(422, 5003, f"searchby '{kind}' is not supported")
        for device in self._tenant.devices.values():
            if value and str(getattr(device, field)) == value:
                return JSONResponse(self._record(device), headers=headers)
        raise ApiError(404, 5002, "Device not found.")

    async def uuid_of(self, request: Request) -> Response:
        headers = self._admit(request)
        try:
            device = self._tenant.by_udid(request.path_params["udid"])
        except DeviceUnknownError:
            raise ApiError(404, 5061, "Device not found.") from None
        return JSONResponse({"uuid": device.uuid}, headers=headers)

    async def detail(self, request: Request) -> Response:
        headers = self._admit(request)
        return JSONResponse(self._record(self._by_id(request)), headers=headers)

    async def compliance(self, request: Request) -> Response:
        headers = self._admit(request)
        return JSONResponse(report(self._by_id(request), self._tenant.policy), headers=headers)

    async def tunnel_action(self, request: Request) -> Response:
        headers = self._admit(request)
        device = self._by_uuid(request)
        body = {
            "block_access": device.blocked_for is not None,
            "reason": device.blocked_for or "",
            "username": device.user_name,
            "device_display_name": device.friendly_name,
            "organization_group_name": device.group or self._tenant.group,
        }
        return JSONResponse(body, headers=headers)

    async def act(self, request: Request) -> Response:
        headers = self._admit(request)
        device = self._by_uuid(request)
        actions = (await _json(request)).get("actions")
        for action in actions if isinstance(actions, list) else []:
            match action:
                case {"action": "BLOCK_DEVICE", "reason": str(reason)}:
                    device.blocked_for = reason
                case {"action": "ALLOW_DEVICE"}:
                    device.blocked_for = None
                case _:
                    raise ApiError(400, 400, "the action is not supported by this emulator")
        return Response(status_code=200, headers=headers)

    def _by_uuid(self, request: Request) -> ManagedDevice:
        for device in self._tenant.devices.values():
            if device.uuid == request.path_params["uuid"]:
                return device
        raise ApiError(400, 400, "Device not found.")

    async def install(self, request: Request) -> Response:
        return await self._command(request, CommandType.INSTALL_PROFILE)

    async def remove(self, request: Request) -> Response:
        return await self._command(request, CommandType.REMOVE_PROFILE)

    async def _command(self, request: Request, kind: CommandType) -> Response:
        headers = self._admit(request)
        profile = self._tenant.profile
        if profile is None or profile.id != request.path_params["id"]:
            raise ApiError(404, 10057, "Profile not found.")
        self._tenant.queue(self._named(await _json(request)), kind, profile.id)
        return Response(status_code=200, headers=headers)

    def _named(self, body: dict[str, Any]) -> ManagedDevice:
        """The device that a body names by one of the four keys of the API."""
        for device in self._tenant.devices.values():
            names = {"DeviceId": str(device.id), "Udid": device.udid, "SerialNumber": device.serial_number}
            if any(value and str(body.get(key, "")) == value for key, value in names.items()):
                return device
        raise ApiError(404, 5002, "Device not found.")

    def _by_id(self, request: Request) -> ManagedDevice:
        for device in self._tenant.devices.values():
            if device.id == request.path_params["id"]:
                return device
        raise ApiError(404, 5002, "Device not found.")

    def _record(self, device: ManagedDevice) -> dict[str, Any]:
        return record(device, self._tenant.group)

    def _admit(self, request: Request) -> dict[str, str]:
        """Check token, tenant code, version and rate, in that order; returns the rate limit's headers."""
        if not self._tenant.token_is_good(bearer(request)):
            raise ApiError(401, 1005, "Invalid credentials.")
        if not same(request.headers.get("aw-tenant-code", ""), self._tenant.secrets.tenant_code):
            raise ApiError(403, 1013, "Invalid API key.")
        version = re.search(r";\s*version\s*=\s*(\d+)", request.headers.get("accept", ""))
        if version is not None and version[1] != "1":
            raise ApiError(406, 406, f"this emulator speaks version 1 of the API, not {version[1]}")
        return self._count()

    def _count(self) -> dict[str, str]:
        now = self._tenant.now().timestamp()
        window = math.floor(now / WINDOW)
        self._used = self._used + 1 if window == self._window else 1
        self._window = window
        if self._used > self._tenant.rate_limit:
            raise ApiError(429, 429, "Rate limit exceeded.")
        return {
            "X-RateLimit-Limit": str(self._tenant.rate_limit),
            "X-RateLimit-Remaining": str(self._tenant.rate_limit - self._used),
            "X-RateLimit-Reset": str((window + 1) * WINDOW),
        }


_SEARCH_FIELDS: Final = {"udid": "udid", "serialnumber": "serial_number", "deviceid": "id"}


def _wanted(device: ManagedDevice, request: Request) -> bool:
    query = request.query_params
    if (platform := query.get("platform")) and platform.lower() != device.platform.lower():
        return False
    if (user := query.get("user")) and user.lower() != device.user_name.lower():
        return False
    if compliant := query.get("compliantstatus"):
        return (compliant.lower() == "true") is (device.compliance is ComplianceStatus.COMPLIANT)
    return True


def _number(request: Request, name: str, *, default: int, least: int, most: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise ApiError(400, 400, f"{name} must be a number from {least} to {most}")
    return int(text)


async def _json(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        raise ApiError(400, 400, "the body is not JSON") from None
    if not isinstance(body, dict):
        raise ApiError(400, 400, "the body is not a JSON object")
    return body
