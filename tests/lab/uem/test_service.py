"""How the service fares: away in three ways, slow, behind its own inventory; and what due things need no asking."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest

from lab.uem import Outage
from lab.uem.event_desk import Receiver
from lab.uem.inventory import ComplianceStatus

pytestmark = pytest.mark.anyio

SEARCH = "/API/mdm/devices/search"


async def test_unavailable_is_503_for_programs_and_devices_not_for_the_operator(uem: Any) -> None:
    rest, channel = await uem.rest(), await uem.enrol()
    uem.tenant.turn(outage=Outage.UNAVAILABLE)
    assert (await uem.http.get(SEARCH, headers=rest)).status_code == 503
    assert (await uem.http.post("/oauth/token", data={"grant_type": "x"})).status_code == 503
    check_in = await uem.http.post("/lab/mdm/check-in", json={"passcode_present": True}, headers=channel)
    assert check_in.status_code == 503
    assert (await uem.http.get("/lab/devices/PHONE-1", headers=uem.operator)).status_code == 200
    uem.tenant.turn(outage=None)
    assert (await uem.http.get(SEARCH, headers=rest)).status_code == 200


async def test_silent_takes_a_call_and_never_answers(uem: Any) -> None:
    uem.tenant.turn(outage=Outage.SILENT)
    with pytest.raises(httpx.ReadTimeout):
        await uem.http.get(SEARCH, headers=uem.operator, timeout=0.2)
    uem.tenant.turn(outage=None)
    assert (await uem.http.get(SEARCH, headers=await uem.rest())).status_code == 204


async def test_refused_is_nobody_there_and_then_the_same_port_again(uem: Any) -> None:
    url = uem.server.url
    uem.tenant.turn(outage=Outage.REFUSED)
    await uem.server.follow_knobs()
    with pytest.raises(httpx.ConnectError):
        await uem.http.post("/oauth/token")
    uem.tenant.turn(outage=None)
    await uem.server.follow_knobs()
    assert uem.server.url == url
    assert (await uem.http.get(SEARCH, headers=await uem.rest())).status_code == 204


async def test_latency_is_real_time(uem: Any) -> None:
    rest = await uem.rest()
    uem.tenant.turn(latency=timedelta(seconds=0.2))
    began = time.monotonic()
    await uem.http.get(SEARCH, headers=rest)
    assert time.monotonic() - began >= 0.2


async def test_a_lagging_inventory_shows_what_was(uem: Any, clock: Any) -> None:
    await uem.enrol("OLD")
    uem.tenant.turn(inventory_lag=timedelta(minutes=10))
    await uem.enrol("NEW")
    uem.tenant.set_state(uem.tenant.by_udid("OLD"), compliance=ComplianceStatus.NON_COMPLIANT)
    seen = []
    for _ in range(3):
        found = (await uem.http.get(SEARCH, headers=await uem.rest())).json()["Devices"]
        seen.append({each["Udid"]: each["ComplianceStatus"] for each in found})
        clock.advance(minutes=5)
    assert seen == [{"OLD": "NotAvailable"}] * 2 + [{"OLD": "NonCompliant", "NEW": "NotAvailable"}]
    uem.tenant.delete(uem.tenant.by_udid("NEW"))
    assert len((await uem.http.get(SEARCH, headers=await uem.rest())).json()["Devices"]) == 2
    uem.tenant.turn(inventory_lag=timedelta(0))
    assert len((await uem.http.get(SEARCH, headers=await uem.rest())).json()["Devices"]) == 1


async def test_the_operator_turns_knobs_and_is_told_of_those_that_are_none(uem: Any) -> None:
    with pytest.raises(TypeError, match="outrage"):
        uem.tenant.turn(outrage=None)
    changes = {"outage": "unavailable", "latency": 0.01, "event_retries": 3}
    assert (await uem.http.patch("/lab/knobs", json=changes, headers=uem.operator)).status_code == 204
    knobs = uem.tenant.knobs
    assert (knobs.outage, knobs.latency, knobs.event_retries, knobs.event_decimals) == (
        Outage.UNAVAILABLE,
        timedelta(seconds=0.01),
        3,
        7,
    )
    for wrong, words in (({"outrage": None}, "no knob 'outrage'"), ({"outage": "strike"}, "outage: ")):
        refused = await uem.http.patch("/lab/knobs", json=wrong, headers=uem.operator)
        assert refused.status_code == 400
        assert words in refused.json()["message"]


async def test_what_is_due_is_done_by_itself(uem: Any, clock: Any) -> None:
    channel = await uem.enrol()
    await uem.check_in(channel, passcode=True)
    await uem.check_in(channel, passcode=False)
    clock.advance(hours=4)
    device = uem.tenant.by_udid("PHONE-1")
    async with asyncio.timeout(5):
        while not device.commands:
            await asyncio.sleep(0.01)
    assert device.actions_taken == ["BlockRemoveProfile"]


@pytest.mark.parametrize(
    ("version", "path", "status"),
    [
        pytest.param("1", SEARCH, 204, id="a-version-that-is-there"),
        pytest.param("4", SEARCH, 406, id="a-version-that-is-not"),
        pytest.param("3", "/API/mdm/devices/1", 406, id="a-version-that-another-call-has"),
    ],
)
async def test_versions_and_rate_limit_fields_on_every_answer(uem: Any, version: str, path: str, status: int) -> None:
    headers = {**await uem.rest(), "Accept": f"application/json;version={version}"}
    answer = await uem.http.get(path, headers=headers)
    assert answer.status_code == status
    assert (answer.headers["X-RateLimit-Limit"], answer.headers["X-RateLimit-Remaining"]) == ("1000", "999")
    assert answer.headers["X-RateLimit-Reset"] == "1795680060"


async def test_a_receiver_that_never_answers_does_not_keep_the_door_as_it_was(uem: Any) -> None:
    reached = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        await reader.read()
        writer.close()

    uem.tenant.turn(event_timeout=timedelta(seconds=30))
    mute = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with mute, asyncio.timeout(5):
        uem.tenant.events.add(Receiver("mute", f"http://127.0.0.1:{mute.sockets[0].getsockname()[1]}/"))
        await uem.enrol()
        await reached.wait()
        uem.tenant.turn(outage=Outage.REFUSED)
        with pytest.raises(httpx.TransportError):
            while True:
                await uem.http.get("/lab/events", headers=uem.operator)
        await uem.server.__aexit__(None, None, None)
