"""Enrolling Okta Verify: the app on the device asks its org, by its own connection."""

from __future__ import annotations

from typing import Any

import httpx

from lab.device.device import OKTA_VERIFY, Device
from lab.device.okta_verify import Enrolled
from lab.device.outcome import FAILURES, BrokenError, DeniedError, Outcome
from lab.device.person import Person
from lab.device.sign_in import SignIn


async def enrol_okta_verify(device: Device, person: Person, *, host: str, managed: bool) -> SignIn:
    """Enrol for the org at `host`; `managed` is whether the UEM pushed the app's secret and identifiers.

    Raises AppUnknownError where the device cannot have the app; never for what others do.
    """
    try:
        async with device.client_of(device.app(OKTA_VERIFY)) as http:
            device.okta_verify = await _enrolled(http, device, person, host, managed=managed)
    except FAILURES as error:
        return SignIn.failed(error)
    return SignIn(Outcome.ALLOWED, subject=person.user)


async def _enrolled(http: httpx.AsyncClient, device: Device, person: Person, host: str, *, managed: bool) -> Enrolled:
    identifiers = {"udid": device.udid, "serialNumber": device.serial_number} if managed else {}
    profile: dict[str, Any] = {
        "displayName": device.name,
        "platform": device.platform.value.upper(),
        **{name: value for name, value in identifiers.items() if value},
    }
    body = {
        "login": person.user,
        "password": person.password,
        "answer": person.code,
        "profile": profile,
        "managed": managed,
    }
    answer = await http.post(f"https://{host}/lab/okta-verify", json=body)
    if answer.is_error:
        raise DeniedError(_words(answer))
    found = answer.json()
    if not isinstance(found, dict) or not {"deviceId", "key"} <= found.keys():
        raise BrokenError("the org answered without a key")
    return Enrolled(host, found["deviceId"], found["key"])


def _words(answer: httpx.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return f"HTTP {answer.status_code}"
    return str(body.get("error_description") or body.get("errorSummary") or f"HTTP {answer.status_code}")
