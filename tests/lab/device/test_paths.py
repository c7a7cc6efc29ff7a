"""Where an app's connection really goes: seen from the servers at the other end."""

from __future__ import annotations

import json
import stat
from pathlib import Path as FilePath
from typing import Any

import httpx
import pytest

from lab.authority import Credential
from lab.device import Path, TunnelRefusedError
from lab.device.transport import BlockedError
from lab.device.tunnel import GatewayUntrustedError

pytestmark = pytest.mark.anyio

APP = "com.microsoft.Office.Outlook"
PHONE, EGRESS = "127.43.0.50", "127.42.0.99"

SAID = {
    "reason": "device-not-compliant",
    "detail": "the UEM says no",
    "decision_id": "d1",
    "what_to_do": "set a passcode",
}


def answer(status: int, body: bytes, *fields: str) -> bytes:
    """An HTTP answer as a gateway sends it."""
    head = [f"HTTP/1.1 {status} No", f"Content-Length: {len(body)}", *fields, "", ""]
    return "\r\n".join(head).encode() + body


def stored(directory: FilePath) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in directory.iterdir()}


async def seen_from(world: Any, host: str, app: str = APP) -> str:
    async with world.phone.open_app(app) as http:
        return str((await http.get(f"https://{host}/")).json()["from"])


async def test_a_tunnelled_host_sees_the_egress_and_the_gateway_sees_device_app_and_target(
    world: Any,
) -> None:
    assert await seen_from(world, "tunnel.example") == EGRESS
    assert world.gateway.peers == [PHONE]
    assert ("URI", "urn:uem:device:PHONE") in world.gateway.clients[0]["subjectAltName"]
    head = world.gateway.heads[0].decode().split("\r\n")
    assert head[0] == "CONNECT tunnel.example:443 HTTP/1.1"
    assert {"Host: tunnel.example:443", f"Tunnel-App: {APP}"} <= set(head[1:])


async def test_a_bypassed_host_sees_the_device(world: Any) -> None:
    assert await seen_from(world, "bypass.example") == PHONE
    assert world.gateway.heads == []


async def test_without_a_profile_everything_is_direct(world: Any) -> None:
    world.phone.remove_profile()
    assert await seen_from(world, "tunnel.example") == PHONE


async def test_removing_the_profile_removes_its_key(world: Any, tmp_path: FilePath) -> None:
    assert "client.key" in stored(tmp_path)
    world.phone.remove_profile()
    assert stored(tmp_path) == {}


async def test_what_the_device_stores_is_private(world: Any, tmp_path: FilePath) -> None:
    assert set(stored(tmp_path).values()) == {0o600}


async def test_an_app_outside_the_profile_goes_direct(world: Any) -> None:
    assert await seen_from(world, "tunnel.example", app="com.example.other") == PHONE


async def test_on_a_trusted_network_the_client_stands_down(world: Any) -> None:
    world.phone.on_trusted_network = True
    assert await seen_from(world, "tunnel.example") == PHONE


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("block.example", id="action-block"),
        pytest.param("proxy.example", id="a-proxy-the-lab-does-not-have"),
    ],
)
async def test_blocked_never_goes_out(world: Any, host: str) -> None:
    with pytest.raises(BlockedError):
        await seen_from(world, host)
    assert world.phone.journal[-1].route.path is Path.BLOCKED


async def test_a_refusal_is_kept_whole_and_the_tunnel_never_becomes_direct(world: Any) -> None:
    world.gateway.refusal = answer(403, json.dumps(SAID).encode())
    with pytest.raises(TunnelRefusedError) as caught:
        await seen_from(world, "tunnel.example")
    refusal = caught.value.refusal
    assert refusal.status == 403
    assert {name: getattr(refusal, name) for name in SAID} == SAID
    assert isinstance(caught.value, httpx.ProxyError)
    assert [(attempt.host, attempt.refusal) for attempt in world.phone.journal] == [("tunnel.example", refusal)]


@pytest.mark.parametrize(
    ("sent", "status", "reason"),
    [
        pytest.param(answer(407, b""), 407, "", id="somebody-else-s-proxy"),
        pytest.param(
            answer(503, b"busy", 'Proxy-Status: gw; error=x; details="posture-stale"'),
            503,
            "posture-stale",
            id="reason-in-proxy-status-only",
        ),
        pytest.param(answer(403, b'{"reason": 42}'), 403, "", id="reason-is-no-text"),
        pytest.param(answer(403, b"[[[["), 403, "", id="body-is-no-json"),
    ],
)
async def test_refusals_of_strange_gateways_are_read_as_far_as_they_go(
    world: Any, sent: bytes, status: int, reason: str
) -> None:
    world.gateway.refusal = sent
    with pytest.raises(TunnelRefusedError) as caught:
        await seen_from(world, "tunnel.example")
    assert (caught.value.refusal.status, caught.value.refusal.reason) == (status, reason)


async def test_a_gateway_that_is_gone_is_an_error_and_not_a_direct_connection(world: Any) -> None:
    await world.gateway.__aexit__()
    with pytest.raises(httpx.TransportError):
        await seen_from(world, "tunnel.example")


async def test_a_gateway_that_closes_without_an_answer_is_an_error(world: Any) -> None:
    world.gateway.refusal = b""
    with pytest.raises(httpx.TransportError):
        await seen_from(world, "tunnel.example")


async def test_another_certificate_of_the_same_authority_is_not_the_pinned_one(world: Any) -> None:
    world.install(pinned=world.authority.issue_server(["gateway.example"], []))
    with pytest.raises(httpx.ConnectError):
        await seen_from(world, "tunnel.example")
    assert world.gateway.heads == []


async def test_a_pinned_authority_does_not_vouch_for_its_leaves(world: Any) -> None:
    world.install(pinned=Credential(world.authority.certificate_pem, b""))
    with pytest.raises(GatewayUntrustedError):
        await seen_from(world, "tunnel.example")


async def test_the_server_inside_the_tunnel_must_prove_its_name(world: Any) -> None:
    world.network.lead("bypass.other", *world.network.resolve("bypass.example", 443))
    with pytest.raises(httpx.ConnectError, match="certificate"):
        await seen_from(world, "bypass.other")


async def test_cookies_live_as_long_as_the_app_and_belong_to_it(world: Any) -> None:
    async with world.phone.open_app(APP) as http:
        first = (await http.get("https://tunnel.example/")).json()
        second = (await http.get("https://tunnel.example/")).json()
    async with world.phone.open_app(APP) as http:
        again = (await http.get("https://tunnel.example/")).json()
    assert (first["cookie"], second["cookie"], again["cookie"]) == (None, "s1", None)
    assert len(world.gateway.heads) == 2  # one kept-alive connection in each run of the app


async def test_an_unknown_host_does_not_resolve(world: Any) -> None:
    with pytest.raises(httpx.ConnectError, match=r"nowhere\.example"):
        await seen_from(world, "nowhere.example")
