"""Any program as an app of a device: curl and bare sockets through the device's proxy."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path as FilePath
from typing import Any

import pytest

from dtr_rules import Platform
from lab.device import Path, find_app
from lab.device.proxy import DeviceProxy, NotLoopbackError, loopback_socket
from lab.process import run

pytestmark = pytest.mark.anyio

PHONE, EGRESS = "127.43.0.50", "127.42.0.99"
OUTLOOK = find_app(Platform.IOS, "outlook")
SAID = {
    "reason": "device-not-compliant",
    "detail": "the UEM says no",
    "decision_id": "d1",
    "what_to_do": "set a passcode",
}
REFUSED = json.dumps(SAID).encode()
REFUSAL = (
    b"HTTP/1.1 403 Forbidden\r\n"
    b'Proxy-Status: lab-gateway; error=http_request_denied; details="device-not-compliant"\r\n'
    b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(REFUSED)
) + REFUSED


@pytest.fixture
async def proxy(world: Any) -> AsyncIterator[DeviceProxy]:
    async with DeviceProxy(world.phone, OUTLOOK, loopback_socket()) as proxy:
        yield proxy


async def curl(world: Any, proxy: DeviceProxy, directory: FilePath, url: str, *more: str) -> tuple[int, str, str]:
    """Exit code, output, errors."""
    authority = directory / "ca.pem"
    authority.write_bytes(world.authority.certificate_pem)
    command = ["curl", "-sS", "--max-time", "10", "-x", proxy.url, "--cacert", str(authority), *more, url]
    done = await run(command, {"PATH": os.environ["PATH"]}, 20)
    return done.code, done.out, done.err


async def ask(proxy: DeviceProxy, request: bytes) -> bytes:
    """Everything that the proxy answers until it closes."""
    host, _, port = proxy.endpoint.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer


def connect(host: str, *fields: str) -> bytes:
    return "\r\n".join([f"CONNECT {host} HTTP/1.1", f"Host: {host}", *fields, "", ""]).encode()


# --- curl ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "seen", "way"),
    [
        pytest.param("tunnel.example", EGRESS, Path.TUNNEL, id="tunnelled"),
        pytest.param("bypass.example", PHONE, Path.DIRECT, id="direct"),
    ],
)
async def test_curl_goes_where_the_installed_rules_send_the_app(
    world: Any, proxy: DeviceProxy, tmp_path: FilePath, host: str, seen: str, way: Path
) -> None:
    code, out, err = await curl(world, proxy, tmp_path, f"https://{host}/")
    assert (code, err) == (0, "")
    assert json.loads(out)["from"] == seen
    [attempt] = world.phone.journal
    assert (attempt.app, attempt.host, attempt.port, attempt.source) == (OUTLOOK.id, host, 443, PHONE)
    assert (attempt.route.path, attempt.failure) == (way, "")
    assert [head for head in world.gateway.heads if f"Tunnel-App: {OUTLOOK.id}".encode() in head] == world.gateway.heads


@pytest.mark.parametrize(
    ("host", "status", "reason"),
    [
        pytest.param("block.example", 403, "rule", id="blocked"),
        pytest.param("proxy.example", 403, "rule", id="a-proxy-the-lab-does-not-have"),
        pytest.param("nowhere.example", 502, "resolution-failed", id="a-name-that-leads-nowhere"),
        pytest.param("0x7f.1", 400, "host-invalid", id="no-host"),
    ],
)
async def test_what_does_not_get_out_is_answered_with_its_reason(
    world: Any, proxy: DeviceProxy, host: str, status: int, reason: str
) -> None:
    answer = await ask(proxy, connect(f"{host}:443", "Connection: close"))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"tunnel-lab-device; error=" in head
    assert f'details="{reason}"'.encode() in head
    assert json.loads(body)["reason"] == reason
    assert world.phone.journal[-1].failure
    assert world.gateway.heads == []


@pytest.mark.parametrize(
    ("asked", "host"),
    [
        pytest.param("198.51.100.7:443", "198.51.100.7", id="ipv4"),
        pytest.param("[2001:DB8:0::7]:443", "2001:db8::7", id="ipv6"),
        pytest.param("[::ffff:198.51.100.7]:443", "198.51.100.7", id="ipv4-mapped"),
        pytest.param("TUNNEL.example.:443", "tunnel.example", id="a-name-in-another-form"),
    ],
)
async def test_every_form_of_a_host_is_one_host(world: Any, proxy: DeviceProxy, asked: str, host: str) -> None:
    """In the journal, in the rules, in the CONNECT to the gateway."""
    literals = "version: 1\nname: literals\nmode: per-app\ndefault: bypass\nrules:\n"
    literals += f"  - {{name: all, platforms: [ios], apps: all, action: tunnel, to: ['{host}']}}\n"
    installed = world.phone.profile.gateway
    client = world.devices.issue_device("phone", san_uris=["urn:uem:device:PHONE"])
    world.phone.install_profile(1, 2, rules=literals, gateway=installed, client=client)
    world.network.lead(host, *world.network.resolve("bypass.example", 443))
    begin = (await ask(proxy, connect(asked) + b"no TLS"))[:13]
    assert begin == b"HTTP/1.1 200 "
    assert [(each.host, each.route.path) for each in world.phone.journal] == [(host, Path.TUNNEL)]
    written = f"[{host}]" if ":" in host else host
    assert world.gateway.heads[0].startswith(f"CONNECT {written}:443 HTTP/1.1".encode())


async def test_curl_says_what_it_can_of_a_blocked_host(world: Any, proxy: DeviceProxy, tmp_path: FilePath) -> None:
    code, _, err = await curl(world, proxy, tmp_path, "https://block.example/")
    assert (code, "response 403" in err) == (56, True), err


async def test_the_gateway_s_refusal_reaches_the_program_as_the_gateway_said_it(world: Any, proxy: DeviceProxy) -> None:
    world.gateway.refusal = REFUSAL
    answer = await ask(proxy, connect("tunnel.example:443", "Connection: close"))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 403 ")
    assert (
        b'Proxy-Status: lab-gateway; error=http_request_denied; details="device-not-compliant", '
        b"tunnel-lab-device; received-status=403\r\n" in head + b"\r\n"
    )
    assert body == REFUSED
    assert world.phone.journal[-1].refusal.reason == "device-not-compliant"


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(
            b"HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n",
            id="asks-for-a-password",
        ),
        pytest.param(
            b"HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n", id="leads-away"
        ),
        pytest.param(b"nonsense\r\n\r\n", id="speaks-no-http"),
        pytest.param(b"", id="hangs-up-without-a-word"),
    ],
)
async def test_a_strange_gateway_is_a_bad_gateway(world: Any, proxy: DeviceProxy, sent: bytes) -> None:
    world.gateway.refusal = sent
    answer = await ask(proxy, connect("tunnel.example:443", "Connection: close"))
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert b"location" not in answer.lower()
    assert b"authenticate" not in answer.lower()


async def test_a_gateway_that_is_gone_is_never_gone_around(world: Any, proxy: DeviceProxy) -> None:
    await world.gateway.__aexit__()
    answer = await ask(proxy, connect("tunnel.example:443", "Connection: close"))
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert b"connect-failed" in answer


# --- what a browser does ---------------------------------------------------------------------------------------------


async def test_a_connection_is_kept_for_the_next_request_until_a_connect_takes_it(
    world: Any, proxy: DeviceProxy
) -> None:
    host, _, port = proxy.endpoint.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET /proxy.pac HTTP/1.1\r\nHost: {proxy.endpoint}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
    writer.write(connect("block.example:443"))
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
    writer.write(b"GET http://plain.example/ HTTP/1.1\r\nHost: plain.example\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    assert b"port-not-allowed" in head
    await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
    writer.write(connect("tunnel.example:443"))
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
    writer.close()
    assert [(each.host, each.port) for each in world.phone.journal] == [
        ("block.example", 443),
        ("plain.example", 80),
        ("tunnel.example", 443),
    ]


async def test_a_kept_connection_leaves_from_where_the_device_is_now(world: Any, proxy: DeviceProxy) -> None:
    host, _, port = proxy.endpoint.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(connect("block.example:443"))
    await reader.readuntil(b"}")
    world.phone.move("127.44.0.7", trusted=True)
    writer.write(connect("bypass.example:443"))
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
    writer.close()
    assert [each.source for each in world.phone.journal] == [PHONE, "127.44.0.7"]


async def test_many_connections_at_once(world: Any, proxy: DeviceProxy, tmp_path: FilePath) -> None:
    trust = ssl.create_default_context(cadata=world.authority.certificate_pem.decode())

    async def once(number: int) -> str:
        host, name = proxy.endpoint.rpartition(":")[::2], ("tunnel.example", "bypass.example")[number % 2]
        reader, writer = await asyncio.open_connection(host[0], int(host[1]))
        writer.write(connect(f"{name}:443"))
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        await writer.start_tls(trust, server_hostname=name)
        writer.write(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        return str(json.loads(answer.partition(b"\r\n\r\n")[2])["from"])

    assert await asyncio.gather(*(once(number) for number in range(40))) == [EGRESS, PHONE] * 20


async def _echo_backwards(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says nothing before the other side has said all."""
    writer.write((await reader.read())[::-1])
    await writer.drain()
    writer.close()


@pytest.fixture
async def backwards(world: Any) -> AsyncIterator[None]:
    server = await asyncio.start_server(_echo_backwards, "127.40.0.52", 0)
    world.network.lead("bypass.backwards", *server.sockets[0].getsockname()[:2])
    yield
    server.close()


async def test_half_a_connection_can_end_while_the_other_goes_on(
    world: Any, proxy: DeviceProxy, backwards: None
) -> None:
    host, _, port = proxy.endpoint.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(connect("bypass.backwards:443") + b"early ")  # a program need not wait for the 200
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"and late")
    writer.write_eof()
    assert await asyncio.wait_for(reader.read(), 5) == b"etal dna ylrae"
    writer.close()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda world: world.phone.remove_profile(), id="profile-removed"),
        pytest.param(lambda world: world.install(), id="profile-installed-anew"),
        pytest.param(lambda world: world.phone.remove_app("tunnel"), id="tunnel-app-removed"),
        pytest.param(lambda world: world.phone.move("127.44.0.7", trusted=True), id="another-network"),
    ],
)
async def test_a_tunnel_ends_with_what_it_rested_on(
    world: Any, proxy: DeviceProxy, change: Callable[[Any], None]
) -> None:
    host, _, port = proxy.endpoint.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(connect("tunnel.example:443"))
    await reader.readuntil(b"\r\n\r\n")
    change(world)
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await asyncio.wait_for(reader.readexactly(1), 5)
    writer.close()


async def test_a_tunnel_that_is_being_opened_ends_with_what_it_would_have_rested_on(
    world: Any, proxy: DeviceProxy
) -> None:
    world.gateway.answers.clear()
    host, _, port = proxy.endpoint.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(connect("tunnel.example:443"))
    async with asyncio.timeout(5):
        while not world.gateway.heads:
            await asyncio.sleep(0.005)
        world.phone.remove_profile()
        world.gateway.answers.set()
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
    writer.close()


async def test_closing_the_proxy_ends_everything_at_once(world: Any) -> None:
    async with DeviceProxy(world.phone, OUTLOOK, loopback_socket()) as proxy:
        host, _, port = proxy.endpoint.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(connect("tunnel.example:443"))
        await reader.readuntil(b"\r\n\r\n")
        idle_reader, idle_writer = await asyncio.open_connection(host, int(port))
    for end in (reader, idle_reader):
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(end.readexactly(1), 5)
    writer.close()
    idle_writer.close()
    assert world.phone.cutters == []


# --- what it refuses -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        pytest.param("GET /proxy.pac HTTP/1.1\r\nHost: {own}\r\n", 200, id="the-pac-file"),
        pytest.param("GET /proxy.pac?x=1 HTTP/1.1\r\nHost: {own}\r\n", 200, id="with-a-query"),
        pytest.param("GET /proxy.pac HTTP/1.1\r\nHost: rebound.example\r\n", 421, id="by-another-name"),
        pytest.param("GET /proxy.pac HTTP/1.1\r\nHost: {own}\r\nOrigin: https://x.example\r\n", 421, id="from-a-page"),
        pytest.param(
            "POST /proxy.pac HTTP/1.1\r\nHost: {own}\r\nContent-Length: 2\r\n\r\nhi", 404, id="another-method"
        ),
        pytest.param("HEAD / HTTP/1.1\r\nHost: {own}\r\n", 404, id="head"),
        pytest.param("GET / HTTP/1.1\r\nHost: {own}\r\n", 404, id="another-path"),
        pytest.param("GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n", 403, id="plain-http"),
        pytest.param("GET http://[::/ HTTP/1.1\r\nHost: x\r\n", 400, id="no-url"),
        pytest.param("CONNECT tunnel.example HTTP/1.1\r\nHost: tunnel.example\r\n", 400, id="connect-without-a-port"),
        pytest.param("CONNECT tunnel.example:0 HTTP/1.1\r\nHost: x\r\n", 400, id="port-zero"),
        pytest.param("CONNECT tunnel.example:443 HTTP/1.1\r\n", 400, id="no-host-field"),
        pytest.param("HELLO\r\n", 400, id="no-request"),
    ],
)
async def test_what_else_is_asked(proxy: DeviceProxy, request_text: str, status: int) -> None:
    text = request_text.format(own=proxy.endpoint)
    closing = text if "\r\n\r\n" in text else f"{text}Connection: close\r\n\r\n"
    sent = closing.replace("\r\n\r\nhi", "\r\nConnection: close\r\n\r\nhi").encode()
    assert (await ask(proxy, sent)).startswith(b"HTTP/1.1 %d " % status)


async def test_a_head_without_end_is_not_waited_for(proxy: DeviceProxy) -> None:
    assert (await ask(proxy, b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000)).startswith(b"HTTP/1.1 431 ")


async def test_a_body_without_end_is_not_read_to_it(proxy: DeviceProxy) -> None:
    head = f"POST / HTTP/1.1\r\nHost: {proxy.endpoint}\r\nContent-Length: 100000000\r\n\r\n".encode()
    with pytest.raises((ConnectionResetError, BrokenPipeError)):
        await ask(proxy, head + bytes(4 * 1024 * 1024))


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.1", "::"])
def test_it_listens_on_loopback_only(address: str) -> None:
    with pytest.raises(NotLoopbackError, match="loopback"):
        loopback_socket(address)


# --- the PAC file ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("app", "host", "expected"),
    [
        pytest.param("outlook", "tunnel.example", "PROXY {own}", id="what-is-tunnelled"),
        pytest.param("outlook", "bypass.example", "PROXY {own}", id="and-what-goes-direct-stays-in-the-lab"),
        pytest.param("outlook", "block.example", "PROXY 127.0.0.1:9", id="what-is-blocked"),
        pytest.param("outlook", "localhost", "DIRECT", id="the-device-itself"),
        pytest.param("boxer", "block.example", "PROXY {own}", id="an-app-without-the-profile"),
    ],
)
async def test_the_pac_file_is_made_from_the_installed_rules(world: Any, app: str, host: str, expected: str) -> None:
    quickjs = pytest.importorskip("quickjs", reason="the test extra brings the script engine")
    world.phone.install_profile(
        1,
        2,
        rules=world.phone.storage.joinpath("rules.yaml").read_text().partition("  - name: proxied")[0],
        gateway=world.phone.profile.gateway,
        client=None,
    )
    async with DeviceProxy(world.phone, find_app(Platform.IOS, app), loopback_socket()) as proxy:
        request = f"GET /proxy.pac HTTP/1.1\r\nHost: {proxy.endpoint}\r\nConnection: close\r\n\r\n".encode()
        head, _, script = (await ask(proxy, request)).partition(b"\r\n\r\n")
        assert b"application/x-ns-proxy-autoconfig" in head
        find = quickjs.Function("FindProxyForURL", script.decode())
        assert find(f"https://{host}/", host) == expected.format(own=proxy.endpoint)


async def test_without_a_profile_the_pac_file_leads_to_the_proxy_that_goes_direct(world: Any) -> None:
    world.phone.remove_profile()
    async with DeviceProxy(world.phone, OUTLOOK, loopback_socket()) as proxy:
        request = f"GET /proxy.pac HTTP/1.1\r\nHost: {proxy.endpoint}\r\nConnection: close\r\n\r\n".encode()
        assert f'return "PROXY {proxy.endpoint}"'.encode() in await ask(proxy, request)
