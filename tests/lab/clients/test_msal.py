"""MSAL for Python, unmodified, as an app of a device at the emulated Entra: by the device's proxy and the gateway.

tests/lab/entra/test_msal.py has what the library and the tenant say to each other; this is the way between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msal
import pytest
import requests
from client_lab import BREAKS_POLICY, COMPLIANT, UNMANAGED, ClientLab

from lab import entra
from lab.device import Path
from lab.network import ENTRA_HOST, LOOPBACK

AUTHORITY = f"https://{ENTRA_HOST}/{entra.acme.TENANT_ID}"
SCOPES = ["User.Read"]


@pytest.fixture
def session(lab: ClientLab) -> Iterator[requests.Session]:
    """What the library asks for tokens with: behind the proxy that is still to be named."""
    with requests.Session() as http:
        http.trust_env = False
        http.verify = lab.authority
        yield http


def application(
    lab: ClientLab, device: str, session: requests.Session, cache: msal.TokenCache | None = None
) -> msal.PublicClientApplication:
    session.proxies = {"https": lab.proxies[device].url}
    return msal.PublicClientApplication(
        entra.acme.CLIENT_ID, authority=AUTHORITY, http_client=session, token_cache=cache
    )


def sign_in(lab: ClientLab, device: str, app: msal.PublicClientApplication, person: str = "anna") -> dict[str, Any]:
    flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=entra.acme.REDIRECT_URI, response_mode="form_post")
    back = lab.sign_in(device, flow["auth_uri"], entra.acme.REDIRECT_URI, person=person)
    result: dict[str, Any] = app.acquire_token_by_auth_code_flow(flow, back)
    return result


@pytest.mark.parametrize(
    ("person", "login"),
    [
        pytest.param("anna", "anna@acme.example", id="at Entra itself"),
        pytest.param("ben", "ben@office.acme.example", id="federated to Okta"),
    ],
)
def test_the_library_signs_in_and_refreshes(lab: ClientLab, session: requests.Session, person: str, login: str) -> None:
    begin = lab.mark()
    app = application(lab, COMPLIANT, session)
    result = sign_in(lab, COMPLIANT, app, person)
    assert "error" not in result, result
    assert result["id_token_claims"]["preferred_username"] == login
    [account] = app.get_accounts()
    again = app.acquire_token_silent_with_error(SCOPES, account, force_refresh=True)
    assert again["token_source"] == "identity_provider"
    assert again["access_token"] != result["access_token"]

    found = lab.pages_since(begin)
    assert {attempt.route.path for attempt in found.attempts} == {Path.TUNNEL}
    assert {(record.admitted, record.rule) for record in found.decisions} == {(True, "identity-providers")}
    assert [entry["isInteractive"] for entry in found.entra_sign_ins] == [True, False]
    assert {entry["ipAddress"] for entry in found.entra_sign_ins} <= set(LOOPBACK.egress)
    assert {event["client"]["ipAddress"] for event in found.okta_events} <= set(LOOPBACK.egress)
    assert bool(found.okta_events) == (person == "ben")


def test_a_device_that_is_not_compliant_gets_no_further_than_the_gateway(
    lab: ClientLab, session: requests.Session
) -> None:
    begin = lab.mark()
    with pytest.raises(requests.exceptions.ProxyError, match="Tunnel connection failed: 403"):
        sign_in(lab, BREAKS_POLICY, application(lab, BREAKS_POLICY, session))
    found = lab.pages_since(begin)
    assert {(record.admitted, record.reason) for record in found.decisions} == {(False, "device-not-compliant")}
    assert found.entra_sign_ins == ()


def test_a_token_that_is_carried_outside_the_tunnel_is_not_renewed(lab: ClientLab, session: requests.Session) -> None:
    cache = msal.TokenCache()
    assert "access_token" in sign_in(lab, COMPLIANT, application(lab, COMPLIANT, session, cache))
    begin = lab.mark()
    app = application(lab, UNMANAGED, session, cache)
    refused = app.acquire_token_silent_with_error(SCOPES, app.get_accounts()[0], force_refresh=True)
    assert refused["error"] == "invalid_grant"
    assert refused["error_description"].startswith("AADSTS53003")
    found = lab.pages_since(begin)
    assert found.decisions == ()
    assert [(entry["ipAddress"], entry["status"]["errorCode"]) for entry in found.entra_sign_ins] == [
        (lab.world.devices[UNMANAGED].address, 53003)
    ]
