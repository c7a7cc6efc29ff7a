"""Okta Verify, simulated: a device enrols with its user's password and gets a key; showing the key is a second factor.

The real one signs challenges over a loopback server or an app link. The lab's sign-in form takes the key in a field
of its own, `oktaVerify`, which only a simulated device fills in.
"""

from __future__ import annotations

import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.okta.account_management import check_enrolment
from lab.okta.arrival import arrival_of
from lab.okta.device_api import device_party
from lab.okta.devices import ACTIVE, Device
from lab.okta.errors import validation_failed
from lab.okta.json_body import json_object
from lab.okta.oauth_error import OAuthError
from lab.okta.org import Org
from lab.openid.passwords import SecretDigest


class OktaVerify:
    """Enrolment, and the check of a key."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        return [Route("/lab/okta-verify", self.enrol, methods=["POST"])]

    async def enrol(self, request: Request) -> Response:
        """Body: login, password, answer (a second factor's code), profile (as Okta Verify reports it), managed."""
        body = await json_object(request)
        user = self._org.user(str(body.get("login", "")))
        if user is None or not user.password.matches(str(body.get("password", ""))):
            raise OAuthError(401, "access_denied", "Authentication failed")
        check_enrolment(self._org, arrival_of(request), user, str(body.get("answer", "")))
        profile: Any = body.get("profile")
        if not isinstance(profile, dict) or not profile.get("displayName") or not profile.get("platform"):
            raise validation_failed("profile", "A device has a displayName and a platform")
        device = self._org.devices.register(profile, user.id, managed=body.get("managed") is True)
        key = secrets.token_urlsafe(32)
        self._org.device_keys[device.id] = SecretDigest.of(key)
        origin = arrival_of(request).origin
        self._org.log.add("device.enrollment.create", origin, actor=user.as_party(), targets=[device_party(device)])
        return JSONResponse({"deviceId": device.id, "key": key}, 201)

    def device(self, key: str, user_id: str) -> Device | None:
        """The active device with this key, on which this user is enrolled."""
        for device_id, digest in self._org.device_keys.items():
            if key and digest.matches(key):
                device = next((each for each in self._org.devices.all() if each.id == device_id), None)
                if device is not None and device.status == ACTIVE and any(u.user_id == user_id for u in device.users):
                    return device
        return None
