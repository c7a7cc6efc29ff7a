"""POST /api/v1/policies/simulate: real judgement of an access that nobody makes.

The schema names `policyTypes`, the description's own example `policyType`: both are read. The body is an object
there and an array in the schema: both are taken. Zones are those in force, as sign-ins see them.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.okta.api_route import api_route
from lab.okta.errors import feature_not_enabled, not_found, not_well_formed, validation_failed
from lab.okta.membership import in_zone
from lab.okta.org import Org
from lab.okta.policy.context import AccessContext, DeviceFacts, Platform
from lab.okta.policy.policy import ACCESS_POLICY, OKTA_SIGN_ON, Policy
from lab.okta.policy.simulation import simulate

SIMULATED: Final = (OKTA_SIGN_ON, "MFA_ENROLL", ACCESS_POLICY, "PROFILE_ENROLLMENT")
_MOBILE: Final = ("IOS", "ANDROID")


class SimulateApi:
    """Simulations, for programs."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        return [api_route("POST", "/policies/simulate", self.simulate, "okta.policies.read")]

    async def simulate(self, request: Request) -> Response:
        if not self._org.knobs.simulate:
            raise feature_not_enabled()
        bodies = await _bodies(request)
        return JSONResponse({"evaluation": [entry for body in bodies for entry in self._evaluate(body)]})

    def _evaluate(self, body: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
        app_id = body.get("appInstance")
        if not isinstance(app_id, str) or not app_id:
            raise validation_failed("appInstance", "The field cannot be left blank")
        app = self._org.app(app_id)
        if app is None:
            raise not_found(app_id, "AppInstance")
        context = self._context(body.get("policyContext") or {})
        for kind in _types(body):
            yield simulate(kind, self._policies(kind, app.policy_id), context)

    def _policies(self, kind: str, app_policy: str) -> list[Policy]:
        if kind == ACCESS_POLICY:
            return [self._org.policies.get(app_policy)]
        return [policy for policy in self._org.policies.of_type(kind) if policy.status == "ACTIVE"]

    def _context(self, given: Mapping[str, Any]) -> AccessContext:
        user, groups = given.get("user"), given.get("groups")
        if user and groups:
            raise validation_failed("policyContext", "Only user IDs or Group IDs are allowed, not both")
        device, risk = given.get("device") or {}, given.get("risk") or {}
        user_id, group_ids = self._person(user, groups)
        return AccessContext(
            user_id=user_id,
            group_ids=group_ids,
            zone_ids=self._zone_ids(given),
            device=_device(device),
            platform=_platform(device.get("platform")),
            risk=risk.get("level"),
        )

    def _person(self, user: Any, groups: Any) -> tuple[str | None, frozenset[str] | None]:
        if groups:
            return None, frozenset(groups.get("ids") or ())
        if not user:
            return None, None
        known = self._org.user_by_id(user.get("id", ""))
        if known is None:
            raise not_found(str(user.get("id")), "User")
        return known.id, self._org.groups.of(known.id)

    def _zone_ids(self, given: Mapping[str, Any]) -> frozenset[str] | None:
        named, address = (given.get("zones") or {}).get("ids"), given.get("ip")
        if named is None and address is None:
            return None
        found = frozenset(named or ())
        if address is None:
            return found
        try:
            chain = (ipaddress.ip_address(address),)
        except ValueError as error:
            raise validation_failed("policyContext.ip", f"Not an address: {address}") from error
        return found | {zone.id for zone in self._org.zones.in_force() if in_zone(chain, zone)}


async def _bodies(request: Request) -> list[dict[str, Any]]:
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise not_well_formed() from error
    bodies = body if isinstance(body, list) else [body]
    if not bodies or not all(isinstance(each, dict) for each in bodies):
        raise not_well_formed()
    return bodies


def _types(body: Mapping[str, Any]) -> tuple[str, ...]:
    wanted = body.get("policyTypes", body.get("policyType"))
    if wanted is None:
        return SIMULATED
    if not isinstance(wanted, list) or not set(map(str, wanted)) <= set(SIMULATED):
        raise validation_failed("policyTypes", f"The field must hold some of {', '.join(SIMULATED)}")
    return tuple(wanted)


def _device(device: Mapping[str, Any]) -> DeviceFacts | None:
    if "registered" not in device and "managed" not in device and "assuranceId" not in device:
        return None
    assurance = device.get("assuranceId")
    return DeviceFacts(
        registered=bool(device.get("registered")),
        managed=bool(device.get("managed")),
        assurances=frozenset({assurance} if assurance else ()),
    )


def _platform(name: object) -> Platform | None:
    if not isinstance(name, str):
        return None
    return Platform("MOBILE" if name in _MOBILE else "DESKTOP", name)
