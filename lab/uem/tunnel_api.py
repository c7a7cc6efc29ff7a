"""/mdm/…/tunnel: a device's Tunnel configuration with its rules, and what administrators do to its access (MDM v1)."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.uem.answers import ApiError, json_object
from lab.uem.api_access import ApiAccess
from lab.uem.inventory import ManagedDevice
from lab.uem.profile import Assignment, TunnelProfile
from lab.uem.tenant import Tenant

NO_RULE_SET: Final = 10030
NO_PROFILE: Final = 10057
NOT_ALLOWED: Final = 5143


class TunnelApi:
    """The tunnel service of one tenant, for programs and Tunnel clients."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self, access: ApiAccess) -> list[Route]:
        sets = "/mdm/tunnel/trafficruleset/{group:uuid}/{rule_set:uuid}/profilelist"
        return [
            access.route("GET", "/mdm/devices/{uuid:uuid}/tunnel/profile", {1: self._profile}),
            access.route("GET", "/mdm/tunnel/devices/{uuid}/action", {1: self._access}),
            access.route("POST", "/mdm/tunnel/devices/{uuid}/action", {1: self._act}),
            access.route("GET", sets, {1: self._profile_list}),
        ]

    async def _profile(self, request: Request) -> Response:
        """The configuration as a client gets it now: with the rules that the set has now, installed or not."""
        device = self._device(request, 404, NOT_ALLOWED)
        profile = self._profile_of(device)
        if profile is None:
            raise ApiError(404, NO_PROFILE, "Profile not found.")
        rules = self._tenant.delivery.rule_sets.get(profile.rule_set)
        if rules is None:
            raise ApiError(404, NO_RULE_SET, "Device traffic rule set does not exist.")
        return JSONResponse(
            {
                "meta": {
                    "configuration": {"name": profile.name, "uuid": profile.uuid, "version": str(profile.version)},
                    "device": {"uuid": device.uuid},
                    "device_traffic_rule_set": {"uuid": rules.uuid, "version": str(rules.version)},
                    "gateway": {},
                },
                "authentication": {"type": "PKI", "properties": []},
                "gateway": profile.gateway.delivery(),
                "messaging": [],
                "configuration": {},
                "device_traffic_rule_set": rules.wire(),
            }
        )

    async def _access(self, request: Request) -> Response:
        device = self._device(request, 400, 400)
        return JSONResponse(
            {
                "block_access": device.blocked_for is not None,
                "reason": device.blocked_for or "",
                "username": device.user_name,
                "device_display_name": device.friendly_name,
                "organization_group_name": device.group or self._tenant.group,
            }
        )

    async def _act(self, request: Request) -> Response:
        device = self._device(request, 400, 400)
        actions = (await json_object(request)).get("actions")
        for action in actions if isinstance(actions, list) else []:
            self._do(device, action)
        return Response(status_code=200)

    def _do(self, device: ManagedDevice, action: Any) -> None:
        match action:
            case {"action": "BLOCK_DEVICE", "reason": str(reason)}:
                self._tenant.block(device, reason)
            case {"action": "ALLOW_DEVICE"}:
                self._tenant.allow(device)
            case {"action": "CERTIFICATE_REVOKE"}:
                self._tenant.revoke_certificate(device)
            case _:
                raise ApiError(400, 400, "the action is not supported by this emulator")

    async def _profile_list(self, request: Request) -> Response:
        wanted = str(request.path_params["rule_set"])
        sets = {each.name: each.uuid for each in self._tenant.delivery.rule_sets.values()}
        if wanted not in sets.values():
            raise ApiError(404, NO_RULE_SET, "Device traffic rule set does not exist.")
        found = [each for each in self._tenant.delivery.profiles.values() if sets.get(each.rule_set) == wanted]
        profiles = [{"profile_name": each.name, "profile_uuid": each.uuid} for each in found]
        return JSONResponse({"profiles": profiles})

    def _profile_of(self, device: ManagedDevice) -> TunnelProfile | None:
        """The profile that the device has; else the one that it is to have."""
        profiles = self._tenant.delivery.profiles
        for profile_id in device.installed:
            return profiles[profile_id]
        assigned = (each for each in profiles.values() if self._tenant.delivery.is_assigned(each, device))
        return min(assigned, key=lambda each: each.assignment is Assignment.AUTO, default=None)

    def _device(self, request: Request, status: int, code: int) -> ManagedDevice:
        wanted = str(request.path_params["uuid"])
        for device in self._tenant.devices.values():
            if device.uuid == wanted:
                return device
        raise ApiError(status, code, "Device not found.")
