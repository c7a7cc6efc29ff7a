"""The emulated UEM's REST API, over HTTPS, in the shapes that a client of the product relies on."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from lab.uem.inventory import ComplianceStatus, DevicePlatform, Sample

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
        pytest.param("/API/mdm/devices?searchby=Macaddress&id=00", 404, 5002, id="unknown-mac-address"),
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


def versioned(headers: dict[str, str], version: int) -> dict[str, str]:
    return {**headers, "Accept": f"application/json;version={version}"}


async def test_one_search_in_three_versions(uem: Any) -> None:
    channel = await uem.enrol("PHONE-1")
    await uem.enrol("PHONE-2")
    await uem.check_in(channel, passcode=False)
    headers = await uem.rest()
    for version, parameters, key in (
        (1, {"compliantstatus": "false", "pagesize": 1, "sortorder": "DESC"}, "Devices"),
        (2, {"compliance_status": "NonCompliant", "platform": "apple"}, "Devices"),
        (3, {"compliance_status": "NOT_COMPLIANT", "device_type": "APPLE", "page_size": 9999}, "devices"),
    ):
        answer = await uem.http.get("/API/mdm/devices/search", params=parameters, headers=versioned(headers, version))
        found = answer.json()[key]
        udids = [each.get("Udid") or each.get("udid") for each in found]
        assert udids == (["PHONE-2"] if version == 1 else ["PHONE-1"])
    assert (answer.json()["page_size"], answer.json()["total"]) == (500, 1)
    (third,) = found
    assert third["compliance_status"] == "NOT_COMPLIANT"
    assert third["enrollment_status"] == "ENROLLED"
    assert (third["Id"], third["compromised_status"]) == ({"Value": 1}, False)


@pytest.mark.parametrize(
    ("parameters", "udids"),
    [
        pytest.param({"ownership": "E"}, ["B"], id="ownership-in-version-1's-letter"),
        pytest.param({"model": "pixel"}, ["B"], id="part-of-the-model"),
        pytest.param({"seensince": "2026-11-26T08:30:00"}, ["A"], id="seen-since"),
        pytest.param({"user": "ANNA", "platform": "Apple"}, ["A"], id="user-and-platform"),
        pytest.param({"lgid": "no-such-group"}, None, id="another-group"),
    ],
)
async def test_what_a_search_finds(uem: Any, clock: Any, parameters: dict[str, str], udids: list[str] | None) -> None:
    common = {"user_email": "x@acme.example"}
    apple, android = DevicePlatform.APPLE, DevicePlatform.ANDROID
    first = uem.tenant.enrol("A", apple, friendly_name="a", user_name="anna", model="iPhone 15", **common)
    second = uem.tenant.enrol(
        "B", android, friendly_name="b", user_name="ben", model="Pixel 9", ownership="E", **common
    )
    uem.tenant.check_in(second, Sample())
    clock.advance(hours=1)
    uem.tenant.check_in(first, Sample())
    answer = await uem.http.get("/API/mdm/devices/search", params=parameters, headers=await uem.rest())
    found = None if answer.status_code == 204 else [each["Udid"] for each in answer.json()["Devices"]]
    assert found == udids


async def test_a_device_by_uuid_in_versions_2_and_3(uem: Any) -> None:
    channel = await uem.enrol()
    await uem.check_in(channel, passcode=True)
    headers = await uem.rest()
    path = f"/API/mdm/devices/{uem.tenant.by_udid('PHONE-1').uuid}"
    second = (await uem.http.get(path, headers=versioned(headers, 2))).json()
    assert second["enrollmentInfo"]["enrollmentStatus"] == "ENROLLED"
    assert second["enrollmentInfo"]["compliant"] is True
    third = (await uem.http.get(path, headers=versioned(headers, 3))).json()
    assert third["enrollment_info"]["compliance_status"] == "COMPLIANT"
    assert (third["passcode_present"], third["data_encrypted"]) == ("YES", True)
    assert third["platform_info"]["device_type"] == "APPLE"
    nobody = await uem.http.get(f"/API/mdm/devices/{uuid.uuid4()}", headers=versioned(headers, 3))
    assert (nobody.status_code, nobody.json()["errorCode"]) == (404, 5061)


async def test_look_ups_by_serial_number_and_what_is_known_by_it(uem: Any) -> None:
    apple = DevicePlatform.APPLE
    uem.tenant.enrol("A", apple, friendly_name="a", user_name="anna", user_email="x@x", serial_number="C02")
    headers, by = await uem.rest(), "searchby=Serialnumber&id=C02"
    assert (await uem.http.get(f"/API/mdm/devices?{by}", headers=headers)).json()["Udid"] == "A"
    assert (await uem.http.get(f"/API/mdm/devices/compliance?{by}", headers=headers)).json()["Total"] == 1
    (app,) = (await uem.http.get(f"/API/mdm/devices/apps?{by}", headers=headers)).json()["DeviceApps"]
    assert (app["ApplicationName"], app["Status"], app["IsManaged"]) == ("Tunnel", "pendinginstall", True)
    (profile,) = (await uem.http.get(f"/API/mdm/devices/profiles?{by}", headers=headers)).json()["DeviceProfiles"]
    assert (profile["Name"], profile["Status"], profile["CurrentVersion"]) == ("Tunnel", "PendingInstall", 1)


async def test_the_app_inventory_tells_managed_apps_from_others_and_removed_ones(uem: Any) -> None:
    channel = await uem.enrol()
    await uem.check_in(channel, passcode=True)
    report = {"passcode_present": True, "apps": ["com.example.game"]}
    await uem.http.post("/lab/mdm/check-in", json=report, headers=channel)
    apps = (await uem.http.get("/API/mdm/devices/1/apps", headers=await uem.rest())).json()["DeviceApps"]
    assert [(app["ApplicationIdentifier"], app["Status"], app["IsManaged"]) for app in apps] == [
        ("com.air-watch.tunnel", "removed", True),
        ("com.example.game", "installed", False),
    ]


async def test_the_profile_search_of_version_3(uem: Any) -> None:
    headers = versioned(await uem.rest(), 3)
    path = "/API/mdm/profiles/search"
    body = {"search_text": "tunnel", "platform": "WINDOWS_DESKTOP", "page_size": 50}
    found = (await uem.http.post(path, json=body, headers=headers)).json()
    assert found["total_count"] == 2
    assert [each["assignment_type"] for each in found["profiles"]] == ["Auto", "Compliance"]
    fewer = {**body, "exclude_compliance_profile": True}
    assert (await uem.http.post(path, json=fewer, headers=headers)).json()["total_count"] == 1
    wrong = await uem.http.post(path, json={"page_size": 51}, headers=headers)
    assert (wrong.status_code, wrong.json()["errorCode"]) == (422, 1012)


async def test_the_profiles_of_a_rule_set_and_a_device_without_any(uem: Any) -> None:
    headers = await uem.rest()
    own = uem.tenant.delivery.rule_sets["Tunnel"].uuid
    path = "/API/mdm/tunnel/trafficruleset/{}/{}/profilelist"
    found = (await uem.http.get(path.format(uuid.uuid4(), own), headers=headers)).json()["profiles"]
    assert {each["profile_name"] for each in found} == {"Tunnel"}
    assert len({each["profile_uuid"] for each in found}) == 4
    answer = await uem.http.get(path.format(uuid.uuid4(), uuid.uuid4()), headers=headers)
    assert (answer.status_code, answer.json()["errorCode"]) == (404, 10030)
    await uem.enrol()
    uem.tenant.delivery.profiles.clear()
    device = uem.tenant.by_udid("PHONE-1").uuid
    answer = await uem.http.get(f"/API/mdm/devices/{device}/tunnel/profile", headers=headers)
    assert (answer.status_code, answer.json()["errorCode"]) == (404, 10057)


async def test_an_administrator_blocks_allows_and_revokes(uem: Any) -> None:
    channel = await uem.enrol()
    await uem.check_in(channel, passcode=True)
    device, headers = uem.tenant.by_udid("PHONE-1"), await uem.rest()
    path = f"/API/mdm/tunnel/devices/{device.uuid}/action"
    for action, blocked in (("BLOCK_DEVICE", True), ("ALLOW_DEVICE", False), ("CERTIFICATE_REVOKE", False)):
        body = {"actions": [{"action": action, "reason": "lost on a train"}]}
        assert (await uem.http.post(path, json=body, headers=headers)).status_code == 200
        shown = (await uem.http.get(path, headers=headers)).json()
        assert (shown["block_access"], shown["reason"]) == (blocked, "lost on a train" if blocked else "")
    assert device.certificate is None
    assert (await uem.http.post(path, json={"actions": [{"action": "DANCE"}]}, headers=headers)).status_code == 400
