"""What the product does in its console and over the MDM channel, as the lab's own HTTP below `/lab/`.

`/lab/devices` is the operator's (the tenant's operator secret as bearer token); `/lab/mdm` is a device's
channel (the token that its enrolment returned). No client of the real product can use any of it, and none
should try.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

import pydantic
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from lab.uem.answers import ApiError, bearer, same
from lab.uem.inventory import (
    Command,
    CommandType,
    ComplianceStatus,
    DevicePlatform,
    EnrollmentStatus,
    ManagedDevice,
    Sample,
    record,
)
from lab.uem.tenant import DeviceUnknownError, NotAllowedError, Tenant

Text = Annotated[str, Field(min_length=1, max_length=256)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Enrolment(_Body):
    """The operator brings a device under management."""

    udid: Text
    platform: DevicePlatform
    friendly_name: Text
    user_name: Text
    user_email: Text


class StateChange(_Body):
    """The operator puts a device into a state by hand."""

    enrollment: EnrollmentStatus | None = None
    compliance: ComplianceStatus | None = None


class Report(_Body):
    """What a device says of itself at check-in."""

    passcode_present: bool
    compromised: bool = False


class SigningRequest(_Body):
    """A certificate signing request (PKCS#10, PEM) for the VPN profile's client certificate."""

    csr: Annotated[str, Field(max_length=16_384)]


B = TypeVar("B", bound=BaseModel)


class LabSide:
    """The endpoints over one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self) -> list[BaseRoute]:
        """What stands below `/lab`."""
        return [
            Route("/devices", self.enrol, methods=["POST"]),
            Route("/devices/{udid}", self.show, methods=["GET"]),
            Route("/devices/{udid}", self.set_state, methods=["PATCH"]),
            Route("/devices/{udid}/escalate", self.escalate, methods=["POST"]),
            Route("/mdm/check-in", self.check_in, methods=["POST"]),
            Route("/mdm/certificate", self.certificate, methods=["POST"]),
            Route("/mdm/commands/{id}/acknowledge", self.acknowledge, methods=["POST"]),
        ]

    # --- the operator -----------------------------------------------------------------------------

    async def enrol(self, request: Request) -> Response:
        self._operator(request)
        body = await _read(request, Enrolment)
        try:
            device = self._tenant.enrol(
                body.udid,
                body.platform,
                friendly_name=body.friendly_name,
                user_name=body.user_name,
                user_email=body.user_email,
            )
        except NotAllowedError as error:
            raise ApiError(409, 409, str(error)) from None
        return JSONResponse({"id": device.id, "channel_token": device.channel_token}, status_code=201)

    async def show(self, request: Request) -> Response:
        self._operator(request)
        return self._answer(self._device(request))

    async def set_state(self, request: Request) -> Response:
        self._operator(request)
        device = self._device(request)
        change = await _read(request, StateChange)
        self._tenant.set_state(device, enrollment=change.enrollment, compliance=change.compliance)
        return self._answer(device)

    async def escalate(self, request: Request) -> Response:
        self._operator(request)
        device = self._device(request)
        if not self._tenant.escalate(device):
            raise ApiError(409, 409, "nothing to escalate: the device is compliant, or the profile is gone")
        return self._answer(device)

    # --- a device's channel -----------------------------------------------------------------------

    async def check_in(self, request: Request) -> Response:
        device = self._channel(request)
        body = await _read(request, Report)
        sample = Sample(passcode_present=body.passcode_present, compromised=body.compromised)
        commands = self._tenant.check_in(device, sample)
        return JSONResponse({"commands": [self._written(command) for command in commands]})

    async def certificate(self, request: Request) -> Response:
        device = self._channel(request)
        body = await _read(request, SigningRequest)
        try:
            csr = x509.load_pem_x509_csr(body.csr.encode())
        except ValueError:
            raise ApiError(400, 400, "csr is not a certificate signing request in PEM") from None
        try:
            certificate = self._tenant.issue_certificate(device, csr)
        except NotAllowedError as error:
            raise ApiError(403, 403, str(error)) from None
        return JSONResponse({"certificate": certificate.public_bytes(Encoding.PEM).decode()})

    async def acknowledge(self, request: Request) -> Response:
        device = self._channel(request)
        try:
            self._tenant.acknowledge(device, request.path_params["id"])
        except NotAllowedError as error:
            raise ApiError(404, 404, str(error)) from None
        return Response(status_code=204)

    # --- who is asking ----------------------------------------------------------------------------

    def _operator(self, request: Request) -> None:
        if not same(bearer(request), self._tenant.secrets.operator):
            raise ApiError(401, 401, "this needs the lab operator's secret")

    def _channel(self, request: Request) -> ManagedDevice:
        try:
            return self._tenant.by_channel_token(bearer(request))
        except DeviceUnknownError:
            raise ApiError(401, 401, "this needs a device's channel token") from None

    def _device(self, request: Request) -> ManagedDevice:
        try:
            return self._tenant.by_udid(request.path_params["udid"])
        except DeviceUnknownError:
            raise ApiError(404, 5061, "Device not found.") from None

    def _answer(self, device: ManagedDevice) -> JSONResponse:
        installed = sorted(device.installed)
        return JSONResponse({"record": record(device, self._tenant.group), "installed_profiles": installed})

    def _written(self, command: Command) -> dict[str, object]:
        body: dict[str, object] = {"id": command.id, "type": command.type, "profile_id": command.profile_id}
        if command.type is CommandType.INSTALL_PROFILE and self._tenant.profile is not None:
            body["profile"] = self._tenant.profile.delivery()
        return body


async def _read(request: Request, kind: type[B]) -> B:
    try:
        return kind.model_validate_json(await request.body())
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the body"
        raise ApiError(400, 400, f"{where}: {first['msg']}") from None
