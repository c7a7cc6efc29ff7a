"""Event notifications: who is told what, with which credentials, in which order, and what the history says of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from lab.uem import Tenant
from lab.uem.event_desk import Receiver
from lab.uem.events import Box
from lab.uem.inventory import CommandType, DevicePlatform, ManagedDevice, Sample

pytestmark = pytest.mark.anyio

GATEWAY = Receiver("gateway", "http://127.41.0.1:9/events", "uem", "a-password")
Answer = Callable[[httpx.Request], httpx.Response]


class Listener:
    """What stands at the other end of the tenant's way out."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.answer: Answer = lambda _: httpx.Response(200)

    def take(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answer(request)


@pytest.fixture
async def listener(tenant: Tenant) -> AsyncIterator[Listener]:
    listener = Listener()
    async with httpx.AsyncClient(transport=httpx.MockTransport(listener.take)) as tenant.events.http:
        yield listener


def phone(tenant: Tenant) -> ManagedDevice:
    return tenant.enrol(
        "PHONE-1", DevicePlatform.APPLE, friendly_name="phone", user_name="anna", user_email="anna@acme.example"
    )


def told(tenant: Tenant) -> list[str]:
    return [sent.event for sent in tenant.events.history]


async def test_a_life_in_events(tenant: Tenant, listener: Listener) -> None:
    tenant.events.add(GATEWAY)
    device = phone(tenant)
    for sample in (
        Sample(os_version="17.1"),
        Sample(os_version="17.1"),
        Sample(os_version="17.2"),
        Sample(passcode_present=False),
        Sample(compromised=True),
    ):
        tenant.check_in(device, sample)
    tenant.edit(device, group="Sales")
    tenant.order_wipe(device)
    (wipe,) = device.commands
    tenant.acknowledge(device, wipe.id)
    tenant.order_wipe(phone(tenant), CommandType.DEVICE_WIPE)
    device = tenant.by_udid("PHONE-1")
    tenant.acknowledge(device, device.commands[0].id)
    tenant.delete(device)
    await tenant.run_due()
    assert told(tenant) == [
        "MDM Enrollment Complete",
        "Compliance Status Changed",
        "Device Operating System Changed",
        "Compliance Status Changed",
        "Compromised Status Changed",
        "Compliance Status Changed",
        "Device Organization Group Changed",
        "Break MDM Confirmed",
        "MDM Enrollment Complete",
        "Device Wipe",
        "Device Delete",
    ]
    assert [request.method for request in listener.requests] == ["POST"] * 11


async def test_a_notification_says_what_is_so_now_and_nothing_of_before(tenant: Tenant, listener: Listener) -> None:
    tenant.events.add(GATEWAY)
    tenant.turn(event_decimals=5)
    device = phone(tenant)
    tenant.check_in(device, Sample(passcode_present=False))
    await tenant.run_due()
    request = listener.requests[-1]
    assert request.headers["Authorization"] == httpx.BasicAuth("uem", "a-password")._auth_header
    body = tenant.events.history[-1].body
    assert body is not None
    assert {name: body[name] for name in ("EventId", "EventType", "ComplianceStatus", "Udid", "EventTime")} == {
        "EventId": 178,
        "EventType": "Compliance Status Changed",
        "ComplianceStatus": "NonCompliant",
        "Udid": "PHONE-1",
        "EventTime": "2026-11-26T08:00:00.00000Z",
    }
    assert len(body) == 26


async def test_a_receiver_gets_what_its_boxes_say_while_it_is_active(tenant: Tenant, listener: Listener) -> None:
    tenant.events.add(Receiver("compliance only", "http://a.example/", boxes=frozenset({Box.COMPLIANCE})))
    tenant.events.add(Receiver("switched off", "http://b.example/", is_active=False))
    tenant.check_in(phone(tenant), Sample())
    await tenant.run_due()
    assert [(sent.receiver, sent.event) for sent in tenant.events.history] == [
        ("compliance only", "Compliance Status Changed")
    ]
    assert "Authorization" not in listener.requests[0].headers


async def test_what_failed_is_in_the_history_and_is_sent_again_as_the_knob_says(
    tenant: Tenant, listener: Listener, clock: Any
) -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there", request=request)

    tenant.turn(event_retries=2, event_retry_after=timedelta(minutes=5))
    tenant.events.add(GATEWAY)
    phone(tenant)
    listener.answer = away
    await tenant.run_due()
    await tenant.run_due()
    listener.answer = lambda _: httpx.Response(500)
    clock.advance(minutes=5)
    await tenant.run_due()
    listener.answer = lambda _: httpx.Response(200)
    for _ in range(3):
        clock.advance(minutes=5)
        await tenant.run_due()
    assert [(sent.attempt, sent.status, sent.error) for sent in tenant.events.history] == [
        (1, None, "nobody there"),
        (2, 500, ""),
        (3, 200, ""),
    ]


async def test_without_a_retry_a_lost_event_is_lost(tenant: Tenant, listener: Listener, clock: Any) -> None:
    tenant.events.add(GATEWAY)
    phone(tenant)
    listener.answer = lambda _: httpx.Response(503)
    for _ in range(3):
        await tenant.run_due()
        clock.advance(hours=1)
    assert [sent.status for sent in tenant.events.history] == [503]


async def test_the_settings_by_the_api_and_the_connection_test_of_the_console(uem: Any) -> None:
    rest = await uem.rest()
    path = "/API/system/eventnotifications"
    settings = {
        "TargetName": "gateway",
        "TargetUrl": "http://127.41.0.1:1/",
        "Username": "uem",
        "Password": "a-password",
        "Format": 1,
        "IsActive": True,
        "DeviceEvents": {"ComplianceStatusChange": True, "DeviceAttributes": {"OperatingSystem": True}},
    }
    made = await uem.http.post(path, json=settings, headers=rest)
    assert (made.status_code, made.json()) == (200, {"Value": 1})
    shown = (await uem.http.get(f"{path}/1", headers=rest)).json()
    assert shown["DeviceEvents"]["ComplianceStatusChange"] is True
    assert shown["DeviceEvents"]["Wipe"] is False
    assert shown["DeviceEvents"]["DeviceAttributes"] == {"OperatingSystem": True, "OrganizationGroup": False}
    assert "a-password" not in str(shown)
    changed = {**settings, "TargetName": "other"}
    assert (await uem.http.put(f"{path}/1", json=changed, headers=rest)).status_code == 204
    found = (await uem.http.get(f"{path}/search", params={"targetname": "OTH"}, headers=rest)).json()
    assert [each["TargetName"] for each in found["EventNotifications"]] == ["other"]
    by_uuid = {**rest, "Accept": "application/json;version=2"}
    assert (await uem.http.get(f"{path}/{shown['Uuid']}", headers=by_uuid)).json()["TargetName"] == "other"

    tested = await uem.http.post("/lab/event-notifications/1/test", headers=uem.operator)
    assert (tested.json()["event"], tested.json()["status"]) == ("Test Connection", None)
    history = (await uem.http.get("/lab/events", headers=uem.operator)).json()["events"]
    assert history == [tested.json()]

    assert (await uem.http.delete(f"{path}/1", headers=rest)).status_code == 204
    assert (await uem.http.get(f"{path}/1", headers=rest)).status_code == 404
    assert (await uem.http.get(f"{path}/search", headers=rest)).status_code == 204
    xml = await uem.http.post(path, json={**settings, "Format": 0}, headers=rest)
    assert (xml.status_code, xml.json()["message"]) == (400, "this emulator sends JSON only (Format 1)")
