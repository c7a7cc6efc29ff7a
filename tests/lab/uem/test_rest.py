"""The emulated UEM's REST API, over HTTPS, in the shapes that a client of the product relies on."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from lab.uem.inventory import ComplianceStatus

pytestmark = pytest.mark.anyio


async def test_a_search_pages_through_all_devices_in_order_of_id(uem: Any) -> None:
    for number in range(5):
        await uem.enrol(f"PHONE-{number}")
    headers = await uem.rest()
    found: list[str] = []
    for page in range(3):
        answer = await uem.http.get("/API/mdm/devices/search", params={"page": page, "pagesize": 2}, headers=headers)
        body = answer.json()
        assert {key: body[key] for key in ("Page", "PageSize", "Total")} == {
            "Page": page,
            "PageSize": 2,
            "Total": 5,
        }
        found += [device["Udid"] for device in body["Devices"]]
    assert found == [f"PHONE-{number}" for number in range(5)]


async def test_a_search_that_finds_nothing_is_204_without_a_body(uem: Any) -> None:
    headers = await uem.rest()
    answer = await uem.http.get("/API/mdm/devices/search", headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")


async def test_a_device_that_never_reported_has_no_compromised_status(uem: Any) -> None:
    channel = await uem.enrol()
    headers = await uem.rest()
    before = (await uem.http.get("/API/mdm/devices/1", headers=headers)).json()
    await uem.http.post("/lab/mdm/check-in", json={"passcode_present": True}, headers=channel)
    after = (await uem.http.get("/API/mdm/devices/1", headers=headers)).json()
    assert "CompromisedStatus" not in before
    assert before["ComplianceStatus"] == "NotAvailable"
    assert before["LastSeen"] == "0001-01-01T00:00:00.000"
    assert (after["CompromisedStatus"], after["ComplianceStatus"]) == (False, "Compliant")
    assert after["LastSeen"] != before["LastSeen"]
    assert not after["LastSeen"].endswith("Z")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        pytest.param("/API/mdm/devices?searchby=Udid&id=NOBODY", 404, 5002, id="unknown-udid"),
        pytest.param("/API/mdm/devices?searchby=Colour&id=red", 422, 5003, id="unknown-search-field"),
        pytest.param("/API/mdm/devices/udid/NOBODY", 404, 5061, id="unknown-udid-in-path"),
        pytest.param("/API/mdm/devices/77", 404, 5002, id="unknown-id"),
        pytest.param("/API/mdm/devices/search?pagesize=many", 400, 400, id="page-size-that-is-no-number"),
    ],
)
async def test_errors_have_the_documented_body(uem: Any, path: str, status: int, code: int) -> None:
    await uem.enrol()
    answer = await uem.http.get(path, headers=await uem.rest())
    body = answer.json()
    assert (answer.status_code, body["errorCode"]) == (status, code)
    assert set(body) == {"errorCode", "message", "activityId"}
    assert uuid.UUID(body["activityId"])


@pytest.mark.parametrize("missing", ["Authorization", "aw-tenant-code"])
async def test_a_call_needs_token_and_tenant_code(uem: Any, missing: str) -> None:
    headers = await uem.rest()
    del headers[missing]
    answer = await uem.http.get("/API/mdm/devices/search", headers=headers)
    assert answer.status_code in (401, 403)


async def test_a_token_ends_when_the_tenant_revokes_it(uem: Any) -> None:
    headers = await uem.rest()
    uem.tenant.revoke_api_tokens()
    assert (await uem.http.get("/API/mdm/devices/search", headers=headers)).status_code == 401


async def test_a_client_that_hangs_up_in_the_middle_is_no_error_of_the_server(
    uem: Any, caplog: pytest.LogCaptureFixture
) -> None:
    head = "POST /oauth/token HTTP/1.1\r\nHost: uem\r\nContent-Length: 50\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    url = uem.http.base_url
    _, writer = await asyncio.open_connection(url.host, url.port, ssl=uem.trust, server_hostname=url.host)
    writer.write(head.encode() + b"grant")
    await writer.drain()
    writer.transport.abort()
    answer = await uem.http.post("/oauth/token", data={"grant_type": "x"})
    assert answer.status_code == 400
    assert caplog.records == []


@pytest.mark.parametrize("path", ["/oauth/token", "/connect/token"])
async def test_a_wrong_client_secret_gets_no_token(uem: Any, path: str) -> None:
    form = {"grant_type": "client_credentials", "client_id": "gateway", "client_secret": "guess"}
    answer = await uem.http.post(path, data=form)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_client"})


async def test_more_requests_than_the_limit_are_429(uem: Any) -> None:
    headers = await uem.rest()
    allowed = await uem.http.get("/API/mdm/devices/search", headers=headers)
    assert allowed.headers["X-RateLimit-Limit"] == "1000"
    assert int(allowed.headers["X-RateLimit-Remaining"]) < 1000
    uem.tenant.turn(requests_per_minute=0)
    assert (await uem.http.get("/API/mdm/devices/search", headers=headers)).status_code == 429


async def test_the_compliance_report_names_policy_and_actions(uem: Any) -> None:
    channel = await uem.enrol()
    await uem.http.post("/lab/mdm/check-in", json={"passcode_present": False}, headers=channel)
    answer = await uem.http.get("/API/mdm/devices/1/compliance", headers=await uem.rest())
    body = answer.json()
    assert body["OverallCompliantStatus"] == "NonCompliant"
    (policy,) = body["DeviceCompliance"]
    assert (policy["PolicyName"], policy["CompliantStatus"], policy["ActionTaken"]) == ("Passcode", False, [])


async def test_a_search_by_compliance(uem: Any) -> None:
    await uem.enrol("GOOD")
    await uem.enrol("BAD")
    uem.tenant.set_state(uem.tenant.by_udid("GOOD"), compliance=ComplianceStatus.COMPLIANT)
    uem.tenant.set_state(uem.tenant.by_udid("BAD"), compliance=ComplianceStatus.NON_COMPLIANT)
    for value, expected in (("true", ["GOOD"]), ("false", ["BAD"])):
        answer = await uem.http.get(
            "/api/mdm/devices/search", params={"compliantstatus": value}, headers=await uem.rest()
        )
        assert [device["Udid"] for device in answer.json()["Devices"]] == expected
