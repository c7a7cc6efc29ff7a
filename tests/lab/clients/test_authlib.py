"""Authlib's OpenID client, unmodified, as an app of a device at the emulated Okta.

Every request of the library's goes by the device's proxy, and its user's pages do.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from authlib.integrations.base_client import OAuthError
from authlib_program import AuthlibProgram
from client_lab import BREAKS_POLICY, COMPLIANT, UNMANAGED, ClientLab

from lab import okta
from lab.device import Path
from lab.logbooks import Pages
from lab.network import LOOPBACK, OKTA_HOST


def sign_in(lab: ClientLab, device: str) -> tuple[AuthlibProgram, dict[str, Any]]:
    program = AuthlibProgram(lab, device)
    return program, program.finish(lab.sign_in(device, program.begin(), okta.acme.REDIRECT_URI))


def hosts(found: Pages) -> set[tuple[str, Path]]:
    return {(attempt.host, attempt.route.path) for attempt in found.attempts}


def test_the_library_signs_in_checks_the_token_and_refreshes(lab: ClientLab) -> None:
    begin = lab.mark()
    program, token = sign_in(lab, COMPLIANT)
    assert token["userinfo"]["preferred_username"] == okta.acme.LOGIN
    assert token["userinfo"]["iss"] == f"https://{OKTA_HOST}"
    again = program.refresh(token)
    assert again["access_token"] != token["access_token"]
    assert again["refresh_token"] != token["refresh_token"]

    found = lab.pages_since(begin)
    assert hosts(found) == {(OKTA_HOST, Path.TUNNEL)}
    assert {(record.admitted, record.rule) for record in found.decisions} == {(True, "identity-providers")}
    assert {event["client"]["ipAddress"] for event in found.okta_events} <= set(LOOPBACK.egress)
    outcomes = [
        event["outcome"]["result"] for event in found.okta_events if event["eventType"] == "policy.evaluate_sign_on"
    ]
    assert outcomes == ["CHALLENGE", "ALLOW"]


def test_a_device_that_is_not_compliant_gets_no_further_than_the_gateway(lab: ClientLab) -> None:
    begin = lab.mark()
    with pytest.raises(httpx.ProxyError, match="403"):
        sign_in(lab, BREAKS_POLICY)
    found = lab.pages_since(begin)
    assert {(record.admitted, record.reason) for record in found.decisions} == {(False, "device-not-compliant")}
    assert found.okta_events == ()


def test_a_device_without_a_profile_is_denied_by_okta(lab: ClientLab) -> None:
    begin = lab.mark()
    with pytest.raises(OAuthError, match="access_denied"):
        sign_in(lab, UNMANAGED)
    found = lab.pages_since(begin)
    assert hosts(found) == {(OKTA_HOST, Path.DIRECT)}
    assert found.decisions == ()
    [judged] = [event for event in found.okta_events if event["eventType"] == "policy.evaluate_sign_on"]
    assert judged["outcome"]["result"] == "DENY"
    assert judged["client"]["ipAddress"] == lab.world.devices[UNMANAGED].address
