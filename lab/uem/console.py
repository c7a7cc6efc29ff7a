"""`/lab`: what administrators do in the product's console, as the lab's own HTTP, with the operator's secret.

No client of the real product can use any of it, and none should try.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import pydantic
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dtr_rules import UnusableFileError
from lab.uem.answers import ApiError, bearer, body_of, json_object, same
from lab.uem.api_access import Handler
from lab.uem.compliance.entry import PolicyEntry
from lab.uem.errors import DeviceUnknownError, NotAllowedError, NotFoundError
from lab.uem.event_desk import Sent
from lab.uem.inventory import CommandType, ComplianceStatus, DevicePlatform, EnrollmentStatus, ManagedDevice, time_text
from lab.uem.knobs import Knobs
from lab.uem.records.version_1 import record
from lab.uem.tenant import Tenant

Text = Annotated[str, Field(min_length=1, max_length=256)]
Remark = Annotated[str, Field(max_length=256)]
Ownership = Literal["C", "E", "S"]


_KNOBS: Final = TypeAdapter(Knobs)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Enrolment(_Body):
    """A device comes under management."""

    udid: Text
    platform: DevicePlatform
    friendly_name: Text
    user_name: Text
    user_email: Text
    serial_number: Remark = ""
    model: Remark = ""
    operating_system: Remark = ""
    ownership: Ownership = "C"
    group: Remark = ""


class Change(_Body):
    """What an administrator changes of a device; the states are set by hand, until the next check-in."""

    enrollment: EnrollmentStatus | None = None
    compliance: ComplianceStatus | None = None
    friendly_name: Text | None = None
    ownership: Ownership | None = None
    group: Remark | None = None
    user_name: Text | None = None
    user_email: Text | None = None


class Wipe(_Body):
    """What is to be wiped: what is the company's, or all of the device."""

    kind: Literal["enterprise", "device"] = "enterprise"


class Rules(_Body):
    """A set of device traffic rules: our YAML, or the UEM's JSON."""

    text: Annotated[str, Field(max_length=4 * 1024 * 1024)]


class Policies(_Body):
    """Every compliance policy that is to be in force."""

    policies: Annotated[tuple[PolicyEntry, ...], Field(max_length=100)]


class Console:
    """The operator's side of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self) -> list[Route]:
        return [
            self._route("POST", "/devices", self.enrol),
            self._route("GET", "/devices/{udid}", self.show),
            self._route("PATCH", "/devices/{udid}", self.change),
            self._route("DELETE", "/devices/{udid}", self.delete),
            self._route("POST", "/devices/{udid}/escalate", self.escalate),
            self._route("POST", "/devices/{udid}/wipe", self.wipe),
            self._route("POST", "/devices/{udid}/unenrol", self.unenrol),
            self._route("POST", "/rule-sets/{name}/save", self.save),
            self._route("POST", "/rule-sets/{name}/publish", self.publish),
            self._route("GET", "/events", self.history),
            self._route("POST", "/event-notifications/{id:int}/test", self.test_connection),
            self._route("PUT", "/compliance-policies", self.set_policies),
            self._route("PATCH", "/knobs", self.turn_knobs),
            self._route("POST", "/due", self.run_due),
        ]

    def _route(self, method: str, path: str, handler: Handler) -> Route:
        async def guarded(request: Request) -> Response:
            if not same(bearer(request), self._tenant.secrets.operator):
                raise ApiError(401, 401, "this needs the lab operator's secret")
            try:
                return await handler(request)
            except DeviceUnknownError:
                raise ApiError(404, 5061, "Device not found.") from None
            except NotFoundError as error:
                raise ApiError(404, 404, str(error)) from None
            except NotAllowedError as error:
                raise ApiError(409, 409, str(error)) from None
            except UnusableFileError as error:
                raise ApiError(400, 400, str(error)) from None

        return Route(path, guarded, methods=[method], name=handler.__name__)

    # --- devices ----------------------------------------------------------------------------------

    async def enrol(self, request: Request) -> Response:
        body = await body_of(request, Enrolment)
        device = self._tenant.enrol(**body.model_dump())
        return JSONResponse({"id": device.id, "channel_token": device.channel_token}, status_code=201)

    async def show(self, request: Request) -> Response:
        return self._answer(self._device(request))

    async def change(self, request: Request) -> Response:
        device = self._device(request)
        change = await body_of(request, Change)
        if change.enrollment or change.compliance:
            self._tenant.set_state(device, enrollment=change.enrollment, compliance=change.compliance)
        self._tenant.edit(device, **change.model_dump(exclude={"enrollment", "compliance"}))
        return self._answer(device)

    async def delete(self, request: Request) -> Response:
        self._tenant.delete(self._device(request))
        return Response(status_code=204)

    async def escalate(self, request: Request) -> Response:
        device = self._device(request)
        if not self._tenant.escalate(device):
            raise ApiError(409, 409, "nothing to escalate: no policy is broken, or all steps are done")
        return self._answer(device)

    async def wipe(self, request: Request) -> Response:
        device = self._device(request)
        whole = (await body_of(request, Wipe)).kind == "device"
        self._tenant.order_wipe(device, CommandType.DEVICE_WIPE if whole else CommandType.ENTERPRISE_WIPE)
        return self._answer(device)

    async def unenrol(self, request: Request) -> Response:
        device = self._device(request)
        self._tenant.unenrol(device)
        return self._answer(device)

    # --- rule sets and events ---------------------------------------------------------------------

    async def save(self, request: Request) -> Response:
        body = await body_of(request, Rules)
        saved = self._tenant.save(request.path_params["name"], body.text)
        return JSONResponse({"name": saved.name, "version": saved.version})

    async def publish(self, request: Request) -> Response:
        body, name = await body_of(request, Rules), request.path_params["name"]
        published = self._tenant.publish(name, body.text)
        profiles = [{"id": profile.id, "version": profile.version} for profile in published]
        version = self._tenant.delivery.rule_sets[name].version
        return JSONResponse({"name": name, "version": version, "profiles": profiles})

    async def history(self, _request: Request) -> Response:
        return JSONResponse({"events": [_sent(each) for each in self._tenant.events.history]})

    async def test_connection(self, request: Request) -> Response:
        return JSONResponse(_sent(await self._tenant.events.test(request.path_params["id"])))

    # --- policies and knobs -----------------------------------------------------------------------

    async def set_policies(self, request: Request) -> Response:
        """All policies anew; devices are judged by them at their next check-in."""
        entries = (await body_of(request, Policies)).policies
        names = [entry.name for entry in entries]
        if len(set(names)) < len(names):
            raise ApiError(400, 400, "two policies have one name")
        self._tenant.compliance.policies[:] = [entry.policy() for entry in entries]
        return Response(status_code=204)

    async def turn_knobs(self, request: Request) -> Response:
        """Times are seconds; what is not named stays as it is."""
        knobs = turned(self._tenant.knobs, await json_object(request))
        self._tenant.turn(**dataclasses.asdict(knobs))
        return Response(status_code=204)

    async def run_due(self, _request: Request) -> Response:
        await self._tenant.run_due()
        return Response(status_code=204)

    # --- what is shown ----------------------------------------------------------------------------

    def _device(self, request: Request) -> ManagedDevice:
        return self._tenant.by_udid(request.path_params["udid"])

    def _answer(self, device: ManagedDevice) -> JSONResponse:
        profiles = [
            {
                "profile_id": each.profile_id,
                "version": each.version,
                "rule_set": each.rule_set,
                "rule_set_version": each.rule_set_version,
            }
            for each in device.installed.values()
        ]
        violations = [
            {
                "policy": each.policy.name,
                "since": time_text(each.since),
                "marked": each.marked,
                "taken": [taken.word for taken in each.taken],
                "next_step": time_text(each.due if each.next_step else None),
            }
            for each in device.violations.values()
        ]
        return JSONResponse(
            {
                "record": record(device, self._tenant.group),
                "installed_profiles": sorted(device.installed),
                "profiles": profiles,
                "apps": sorted(device.apps),
                "queue": [command.type for command in device.commands],
                "violations": violations,
                "thumbprint": device.thumbprints[-1] if device.certificate else "",
            }
        )


def _sent(sent: Sent) -> dict[str, Any]:
    return {
        "at": time_text(sent.at),
        "receiver": sent.receiver,
        "url": sent.url,
        "event": sent.event,
        "attempt": sent.attempt,
        "body": sent.body,
        "status": sent.status,
        "error": sent.error,
    }


def turned(knobs: Knobs, changes: Mapping[str, Any]) -> Knobs:
    """The knobs with these changes. Raises ApiError for a name or a value that is none."""
    known = {field.name for field in dataclasses.fields(Knobs)}
    if unknown := set(changes) - known:
        raise ApiError(400, 400, f"there is no knob '{min(unknown)}'")
    try:
        return _KNOBS.validate_python({**dataclasses.asdict(knobs), **changes})
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ApiError(400, 400, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
