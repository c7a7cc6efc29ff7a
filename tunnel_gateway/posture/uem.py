"""The UEM's REST API, read-only: the device inventory and the single look-up, version 1.

Paths, headers and field names are those of the public MDM API: `aw-tenant-code` on every call, OAuth client
credentials, `Accept: application/json;version=1`, pages counted from 0, and 204 with no body where nothing was found.
"""

from __future__ import annotations

import json
import ssl
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import httpx

from dtr_rules import Platform
from tunnel_gateway.posture.model import Compliance, DevicePosture, Ownership

PAGE_SIZE: Final = 500
MAX_PAGES: Final = 2_000
MAX_BODY: Final = 64 * 1024 * 1024
TIMEOUT: Final = httpx.Timeout(20.0, connect=5.0)
TOKEN_MARGIN: Final = 60.0

_PLATFORMS: Final = {
    "apple": Platform.IOS,
    "android": Platform.ANDROID,
    "appleosx": Platform.MACOS,
    "winrt": Platform.WINDOWS,
}
_COMPLIANCE: Final = {each.replace("-", ""): each for each in Compliance if each is not Compliance.UNRECOGNISED} | {
    "noncompliant": Compliance.NOT_COMPLIANT,  # version 1 of the API spells it so, version 3 says NOT_COMPLIANT
}
_OWNERSHIP: Final = {
    "c": Ownership.CORPORATE_DEDICATED,
    "s": Ownership.CORPORATE_SHARED,
    "e": Ownership.EMPLOYEE,
    "corporatededicated": Ownership.CORPORATE_DEDICATED,
    "corporateshared": Ownership.CORPORATE_SHARED,
    "employeeowned": Ownership.EMPLOYEE,
}


class UemError(Exception):
    """The UEM could not be asked, or its answer cannot be used. The text never holds a secret."""


@dataclass(frozen=True, slots=True)
class UemAccess:
    """Where the UEM is and how to sign in. `url` ends with the API's base, such as `https://cn1.example/API`."""

    url: str
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    tenant_code: str = field(repr=False)


class UemClient:
    """A signed-in session with one UEM. Not safe for use from several event loops."""

    def __init__(self, access: UemAccess, tls: ssl.SSLContext) -> None:
        self._access = access
        self._http = httpx.AsyncClient(verify=tls, timeout=TIMEOUT, follow_redirects=False)
        self._token = ""
        self._token_until = 0.0

    async def close(self) -> None:
        await self._http.aclose()

    async def devices(self) -> dict[str, DevicePosture]:
        """The whole inventory, by UDID in lower case. Raises UemError."""
        found: dict[str, DevicePosture] = {}
        for page in range(MAX_PAGES):
            body = await self._get("/mdm/devices/search", {"page": page, "pagesize": PAGE_SIZE})
            if body is None:
                return found
            devices = body.get("Devices")
            if not isinstance(devices, list) or not isinstance(body.get("Total"), int):
                raise UemError("the device search answered without Devices and Total")
            for device in map(read_device, devices):
                if device is not None:
                    found[device.udid] = _one_of(found.get(device.udid), device)
            if not devices or (page + 1) * PAGE_SIZE >= body["Total"]:
                return found
        raise UemError(f"the device search did not end within {MAX_PAGES} pages")

    async def device(self, udid: str) -> DevicePosture | None:
        """One device by its UDID, None where the UEM does not know it. Raises UemError."""
        body = await self._get("/mdm/devices", {"searchby": "Udid", "id": udid}, absent=(204, 404))
        device = None if body is None else read_device(body)
        if device is not None and device.udid != udid.lower():
            raise UemError("the look-up answered with another device")
        return device

    async def _get(
        self, path: str, params: Mapping[str, str | int], absent: tuple[int, ...] = (204,)
    ) -> dict[str, Any] | None:
        response = await self._request(path, params)
        if response.status_code == 401:  # the token was revoked, or the UEM's clock differs from ours
            self._token = ""
            response = await self._request(path, params)
        if response.status_code in absent:
            return None
        if response.status_code != 200:
            raise UemError(f"GET {path} answered {response.status_code}{_error_code(response)}")
        return _json_object(response, f"GET {path}")

    async def _request(self, path: str, params: Mapping[str, str | int]) -> httpx.Response:
        headers = {
            "Authorization": f"Bearer {await self._bearer()}",
            "aw-tenant-code": self._access.tenant_code,
            "Accept": "application/json;version=1",
        }
        request = self._http.build_request("GET", self._access.url + path, params=dict(params), headers=headers)
        return await self._send(request, f"GET {path}")

    async def _bearer(self) -> str:
        if self._token and time.monotonic() < self._token_until:
            return self._token
        form = {
            "grant_type": "client_credentials",
            "client_id": self._access.client_id,
            "client_secret": self._access.client_secret,
        }
        request = self._http.build_request("POST", self._access.token_url, data=form)
        response = await self._send(request, "the token request")
        if response.status_code != 200:
            raise UemError(f"the token request answered {response.status_code}")
        body = _json_object(response, "the token request")
        token, lifetime = body.get("access_token"), body.get("expires_in", 0)
        if not isinstance(token, str) or not token or not isinstance(lifetime, int | float):
            raise UemError("the token request answered without a token")
        self._token, self._token_until = token, time.monotonic() + max(lifetime - TOKEN_MARGIN, lifetime / 2)
        return token

    async def _send(self, request: httpx.Request, what: str) -> httpx.Response:
        try:
            response = await self._http.send(request, stream=True)
            try:
                body = bytearray()
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > MAX_BODY:
                        raise UemError(f"{what} answered with more than {MAX_BODY} bytes")
            finally:
                await response.aclose()
        except httpx.HTTPError as error:
            raise UemError(f"{what} failed: {str(error) or type(error).__name__}") from error
        return httpx.Response(response.status_code, content=bytes(body), request=request)


def read_device(device: object) -> DevicePosture | None:
    """A device of API version 1 in the gateway's words; None for a record without a UDID. Raises UemError.

    A field that is missing or has a value that this version does not know never reads as good posture.
    """
    if not isinstance(device, dict):
        raise UemError("a device of the answer is no object")
    udid = device.get("Udid")
    if not isinstance(udid, str) or not udid:
        return None
    word = device.get("ComplianceStatus")
    compromised = device.get("CompromisedStatus")
    group = device.get("LocationGroupId")
    return DevicePosture(
        udid=udid.lower(),
        platform=_PLATFORMS.get(_plain(device.get("Platform"))),
        enrolled=_plain(device.get("EnrollmentStatus")) == "enrolled",
        compliance=_COMPLIANCE.get(_plain(word), Compliance.UNRECOGNISED),
        compliance_word=sys.intern(word) if isinstance(word, str) else "",
        compromised=compromised if isinstance(compromised, bool) else None,
        uuid=_text(device.get("Uuid")).lower(),
        group=sys.intern(_text(device.get("LocationGroupName"))),
        group_uuid=sys.intern(_text(group.get("Uuid")).lower()) if isinstance(group, dict) else "",
        ownership=_OWNERSHIP.get(_plain(device.get("Ownership")), Ownership.UNDEFINED),
    )


def _one_of(first: DevicePosture | None, second: DevicePosture) -> DevicePosture:
    """Of two records with one UDID, the enrolled one; two enrolled ones that differ are no good word for either."""
    if first is None or first == second or not first.enrolled:
        return second
    if not second.enrolled:
        return first
    return replace(second, compliance=Compliance.UNRECOGNISED, compliance_word="two records that differ")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _plain(word: object) -> str:
    """The enumerations are spelled `NonCompliant` in version 1 and `NOT_COMPLIANT` in version 3."""
    return word.replace("_", "").replace(" ", "").lower() if isinstance(word, str) else ""


def _json_object(response: httpx.Response, what: str) -> dict[str, Any]:
    try:
        body = json.loads(response.content)
    except ValueError as error:
        raise UemError(f"{what} answered with something that is not JSON") from error
    if not isinstance(body, dict):
        raise UemError(f"{what} answered with JSON that is no object")
    return body


def _error_code(response: httpx.Response) -> str:
    """The UEM's own error code, which its operators look up; its free text may quote the request and is left out."""
    try:
        code = json.loads(response.content).get("errorCode")
    except (ValueError, AttributeError):
        return ""
    return f" with error code {code}" if isinstance(code, int) else ""
