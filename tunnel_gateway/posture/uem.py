"""The UEM's REST API, read-only: the device inventory, the single look-up, the tunnel service's word; version 1.

Paths, headers and field names are those of the public MDM API: `aw-tenant-code` on every call, OAuth client
credentials, `Accept: application/json;version=1`, pages counted from 0, and 204 with no body where nothing was found.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import httpx

from tunnel_gateway.posture.budget import Budget
from tunnel_gateway.posture.errors import UemError, UnusableAnswerError
from tunnel_gateway.posture.model import DevicePosture
from tunnel_gateway.posture.record import read_device

PAGE_SIZE: Final = 500
MAX_PAGES: Final = 20_000
MAX_BODY: Final = 16 * 1024 * 1024
TIMEOUT: Final = httpx.Timeout(20.0, connect=5.0)
WITHIN: Final = 60.0
"""Seconds that one request may take, however steadily its answer drips."""
TOKEN_MARGIN: Final = 60.0
RETRIED: Final = frozenset({429, 500, 502, 503, 504})
_OF_ALL: Final = RETRIED | {401, 403}
"""Answers that the next question would get as well."""
ATTEMPTS: Final = 4
MAX_PAUSE: Final = 60.0
_PACE: Final = ("retry-after", "x-ratelimit-reset")


@dataclass(frozen=True, slots=True)
class UemAccess:
    """Where the UEM is and how to sign in. `url` ends with the API's base, such as `https://cn1.example/API`."""

    url: str
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    tenant_code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Page:
    """Some devices of the inventory. `records` are all that were sent, `total` is how many the UEM says there are."""

    devices: tuple[DevicePosture, ...]
    records: int
    total: int


class UemClient:
    """A signed-in session with one UEM. Not safe for use from several event loops."""

    def __init__(self, access: UemAccess, tls: ssl.SSLContext, budget: Budget) -> None:
        self._access = access
        self._budget = budget
        self._http = httpx.AsyncClient(verify=tls, timeout=TIMEOUT, follow_redirects=False)
        self._token = ""
        self._token_until = 0.0
        self._token_ends: float | None = None

    @property
    def token_left(self) -> float | None:
        """Seconds until the last access token ends, negative behind that; None before the first.

        It is renewed in time, so it ends only where the UEM does not accept the credentials any more, or cannot be
        reached. When the credentials themselves end, the UEM tells nobody.
        """
        return None if self._token_ends is None else self._token_ends - time.monotonic()

    async def close(self) -> None:
        await self._http.aclose()

    async def page(self, number: int) -> Page:
        """One page of the inventory, counted from 0; an empty one behind the last. Raises UemError.

        It is sorted by the UEM's number of the device, so that one enrolled meanwhile comes last.
        """
        params: dict[str, str | int] = {
            "page": number,
            "pagesize": PAGE_SIZE,
            "orderby": "deviceid",
            "sortorder": "ASC",
        }
        body = await self._get("/mdm/devices/search", params)
        if body is None:
            return Page((), 0, 0)
        devices, total = body.get("Devices"), body.get("Total")
        if not isinstance(devices, list) or not isinstance(total, int):
            raise UemError("the device search answered without Devices and Total")
        read = (read_device(device) for device in devices)
        return Page(tuple(device for device in read if device is not None), len(devices), total)

    async def device(self, udid: str, *, urgent: bool = True) -> DevicePosture | None:
        """One device by its UDID, None where the UEM does not know it. Raises UemError."""
        device = await self._find("Udid", udid, urgent=urgent)
        if device is not None and device.udid != udid.lower():
            raise UnusableAnswerError("the look-up answered with another device")
        return device

    async def device_by(self, kind: str, value: str) -> DevicePosture | None:
        """One device by another of its names: `DeviceId` or `Serialnumber`. Raises UemError."""
        return await self._find(kind, value, urgent=True)

    async def _find(self, kind: str, value: str, *, urgent: bool) -> DevicePosture | None:
        body = await self._get("/mdm/devices", {"searchby": kind, "id": value}, absent=(204, 404), urgent=urgent)
        if body is None:
            return None
        device = read_device(body)
        if device is None:
            raise UnusableAnswerError("the look-up answered without a device")
        return device

    async def blocks_access(self, uuid: str, *, urgent: bool) -> bool:
        """Whether an administrator blocked the device in the UEM's tunnel service. Raises UemError.

        The one place where the UEM says so is `block_access`, a device at a time and by the UEM's own id of it.
        """
        body = await self._get(f"/mdm/tunnel/devices/{quote(uuid, safe='')}/action", {}, urgent=urgent)
        blocked = None if body is None else body.get("block_access")
        if not isinstance(blocked, bool):
            raise UnusableAnswerError("the tunnel service answered without block_access")
        return blocked

    async def _get(
        self,
        path: str,
        params: Mapping[str, str | int],
        absent: tuple[int, ...] = (204,),
        *,
        urgent: bool = False,
    ) -> dict[str, Any] | None:
        response = await self._patiently(path, params, urgent=urgent)
        if response.status_code in absent:
            return None
        if response.status_code != 200:
            kind = UemError if response.status_code in _OF_ALL else UnusableAnswerError
            raise kind(f"GET {_shown(path)} answered {response.status_code}{_error_code(response)}")
        return _json_object(response, f"GET {_shown(path)}")

    async def _patiently(self, path: str, params: Mapping[str, str | int], *, urgent: bool) -> httpx.Response:
        """The answer, asked for again where the UEM wants that; somebody who waits for it is not kept waiting."""
        attempt = 1
        while True:
            response = await self._request(path, params, urgent=urgent)
            if response.status_code == 401 and attempt == 1:  # the token was revoked, or the clocks differ
                self._token, self._token_ends = "", time.monotonic()
            elif response.status_code in RETRIED and not urgent and attempt < ATTEMPTS:
                self._budget.pause(_pause(response, attempt))
            else:
                if response.status_code == 429:
                    self._budget.pause(_pause(response, attempt))
                return response
            attempt += 1

    async def _request(self, path: str, params: Mapping[str, str | int], *, urgent: bool) -> httpx.Response:
        headers = {
            "Authorization": f"Bearer {await self._bearer(urgent=urgent)}",
            "aw-tenant-code": self._access.tenant_code,
            "Accept": "application/json;version=1",
        }
        request = self._http.build_request("GET", self._access.url + path, params=dict(params), headers=headers)
        return await self._send(request, f"GET {_shown(path)}", urgent=urgent)

    async def _bearer(self, *, urgent: bool) -> str:
        if self._token and time.monotonic() < self._token_until:
            return self._token
        form = {
            "grant_type": "client_credentials",
            "client_id": self._access.client_id,
            "client_secret": self._access.client_secret,
        }
        request = self._http.build_request("POST", self._access.token_url, data=form)
        response = await self._send(request, "the token request", urgent=urgent)
        if response.status_code != 200:
            raise UemError(f"the token request answered {response.status_code}")
        body = _json_object(response, "the token request")
        token, lifetime = body.get("access_token"), body.get("expires_in", 0)
        if not isinstance(token, str) or not token or not isinstance(lifetime, int | float):
            raise UemError("the token request answered without a token")
        now = time.monotonic()
        self._token, self._token_until = token, now + max(lifetime - TOKEN_MARGIN, lifetime / 2)
        self._token_ends = now + lifetime
        return token

    async def _send(self, request: httpx.Request, what: str, *, urgent: bool) -> httpx.Response:
        if urgent and self._budget.paused > 1.0:
            raise UemError(f"the UEM has asked for a pause of {self._budget.paused:.0f} s more")
        await self._budget.take(urgent=urgent)
        try:
            async with asyncio.timeout(WITHIN):
                return await self._answer(request, what)
        except TimeoutError:
            raise UemError(f"{what} took longer than {WITHIN:.0f} s") from None
        except httpx.HTTPError as error:
            raise UemError(f"{what} failed: {str(error) or type(error).__name__}") from error

    async def _answer(self, request: httpx.Request, what: str) -> httpx.Response:
        response = await self._http.send(request, stream=True)
        try:
            body = bytearray()
            async for part in response.aiter_bytes():
                body += part
                if len(body) > MAX_BODY:
                    raise UemError(f"{what} answered with more than {MAX_BODY} bytes")
        finally:
            await response.aclose()
        kept = {name: response.headers[name] for name in _PACE if name in response.headers}
        return httpx.Response(response.status_code, content=bytes(body), headers=kept, request=request)


def _pause(response: httpx.Response, attempt: int) -> float:
    """Seconds until the UEM may be asked again: by its own word, within reason."""
    with suppress(ValueError):
        if "retry-after" in response.headers:
            return min(max(float(response.headers["retry-after"]), 0.1), MAX_PAUSE)
    with suppress(ValueError):
        if response.status_code == 429 and "x-ratelimit-reset" in response.headers:
            return min(max(float(response.headers["x-ratelimit-reset"]) - time.time(), 0.1), MAX_PAUSE)
    return min(float(2 ** (attempt - 1)), MAX_PAUSE)


def _shown(path: str) -> str:
    """A path without a device's own name, which is nobody's business in a log of failures."""
    return "/mdm/tunnel/devices/…/action" if path.startswith("/mdm/tunnel/devices/") else path


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
