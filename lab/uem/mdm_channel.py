"""`/lab/mdm`: a device's management channel, the lab's own. What a device shows is the token of its enrolment.

check-in       what the device reports of itself; answers with its command queue
certificate    PKCS#10 in, the client certificate for the profile that is being installed out
acknowledge    a command is done
"""

from __future__ import annotations

from typing import Annotated

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.uem.answers import ApiError, bearer, body_of
from lab.uem.errors import DeviceUnknownError, NotAllowedError
from lab.uem.inventory import ManagedDevice, Sample
from lab.uem.tenant import Tenant

Identifier = Annotated[str, Field(min_length=1, max_length=512)]


class Report(BaseModel):
    """What a device says of itself at check-in. `apps` are the identifiers of all apps that it has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    passcode_present: bool
    compromised: bool = False
    encrypted: bool = True
    os_version: Annotated[str, Field(max_length=64)] = ""
    apps: Annotated[frozenset[Identifier] | None, Field(max_length=10_000)] = None

    def sample(self) -> Sample:
        return Sample(self.passcode_present, self.compromised, self.encrypted, self.os_version, self.apps)


class SigningRequest(BaseModel):
    """A certificate signing request (PKCS#10, PEM) for the VPN profile's client certificate."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    csr: Annotated[str, Field(max_length=16_384)]


class MdmChannel:
    """The channel of every device of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self) -> list[Route]:
        return [
            Route("/mdm/check-in", self.check_in, methods=["POST"]),
            Route("/mdm/certificate", self.certificate, methods=["POST"]),
            Route("/mdm/commands/{id}/acknowledge", self.acknowledge, methods=["POST"]),
        ]

    async def check_in(self, request: Request) -> Response:
        device = self._device(request)
        report = await body_of(request, Report)
        try:
            commands = self._tenant.check_in(device, report.sample())
        except NotAllowedError as error:
            raise ApiError(403, 403, str(error)) from None
        return JSONResponse({"commands": [self._tenant.delivery.content(command) for command in commands]})

    async def certificate(self, request: Request) -> Response:
        device = self._device(request)
        body = await body_of(request, SigningRequest)
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
        device = self._device(request)
        try:
            self._tenant.acknowledge(device, request.path_params["id"])
        except NotAllowedError as error:
            raise ApiError(404, 404, str(error)) from None
        return Response(status_code=204)

    def _device(self, request: Request) -> ManagedDevice:
        try:
            return self._tenant.by_channel_token(bearer(request))
        except DeviceUnknownError:
            raise ApiError(401, 401, "this needs a device's channel token") from None
