from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from dtr_rules import Platform
from lab import okta
from lab.authority import Authority, Credential
from lab.device import Device, PinnedGateway
from lab.device.sign_in import Person
from lab.https_server import HttpsServer, server_context
from lab.network import Network
from lab.servers import Secrets, Servers, serve

ORIGIN = "127.40.0.50"
GATEWAY = "127.41.0.9"
EGRESS = "127.42.0.99"
PHONE = "127.43.0.50"
CODE = "271828"
"""What Anna's authenticator shows."""
APP = "com.microsoft.Office.Outlook"

RULES = """\
version: 1
name: test
mode: per-app
default: bypass
profile-apps: [com.microsoft.Office.Outlook]
rules:
  - {name: tunnelled, platforms: [ios], apps: all, action: tunnel, to: ["tunnel.example"]}
  - {name: blocked, platforms: [ios], apps: all, action: block, to: ["block.example"]}
  - name: proxied
    platforms: [ios]
    apps: all
    action: proxy
    proxy: "https://proxy.example:8080"
    to: ["proxy.example"]
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class ConnectServer:
    """A small CONNECT server with TLS: tunnels to where `network` leads, or answers with `refusal`.

    Not the product's gateway: it asks no rules and no UEM.
    """

    credential: Credential
    device_authority: Authority
    network: Network
    refusal: bytes | None = None
    answers: asyncio.Event = field(default_factory=asyncio.Event)
    """Set from the start; cleared, a CONNECT waits for its answer."""
    heads: list[bytes] = field(default_factory=list)
    clients: list[dict[str, object] | None] = field(default_factory=list)
    peers: list[str] = field(default_factory=list)
    port: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self.answers.set()
        context = server_context(self.credential)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(cadata=self.device_authority.certificate_pem.decode())
        self._server = await asyncio.start_server(self._accept, GATEWAY, 0, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            try:
                self.clients.append(writer.get_extra_info("ssl_object").getpeercert())
                self.peers.append(writer.get_extra_info("peername")[0])
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                await self.answers.wait()
                if self.refusal is not None:
                    writer.write(self.refusal)
                    await writer.drain()
                    return
                host, _, port = self.heads[-1].split(b" ")[1].decode().rpartition(":")
                target = self.network.resolve(host.strip("[]"), int(port))
                far = await asyncio.open_connection(*target, local_addr=(EGRESS, 0))
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await asyncio.gather(pump(reader, far[1]), pump(far[0], writer))
            finally:
                writer.transport.abort()


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.transport.abort()


async def whoami(request: Request) -> JSONResponse:
    assert request.client is not None
    answer = JSONResponse({"from": request.client.host, "cookie": request.cookies.get("session")})
    answer.set_cookie("session", "s1", secure=True)
    return answer


@dataclass
class Lab:
    """A phone with an installed profile, a CONNECT server, and one origin behind several names."""

    phone: Device
    gateway: ConnectServer
    network: Network
    authority: Authority
    devices: Authority
    server: Credential

    def install(self, *, pinned: Credential | None = None, client: Credential | None = None) -> None:
        pem = (pinned or self.server).certificate_pem.decode()
        self.phone.install_profile(
            1,
            1,
            rules=RULES,
            gateway=PinnedGateway(GATEWAY, self.gateway.port, pem),
            client=client or self.devices.issue_device("phone", san_uris=["urn:uem:device:PHONE"]),
        )


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Lab]:
    authority, devices = Authority("Servers"), Authority("Devices")
    network = Network()
    names = ["tunnel.example", "bypass.example", "block.example", "proxy.example"]
    origin = HttpsServer(
        Starlette(routes=[Route("/", whoami)]),
        address=ORIGIN,
        credential=authority.issue_server(names, [ORIGIN]),
    )
    server = authority.issue_server(["gateway.example"], [GATEWAY])
    async with origin:
        for name in names:
            network.lead(name, ORIGIN, origin.port)
        async with ConnectServer(server, devices, network) as gateway:
            trust = ssl.create_default_context(cadata=authority.certificate_pem.decode())
            phone = Device("phone", Platform.IOS, "PHONE", PHONE, network, trust, tmp_path)
            lab = Lab(phone, gateway, network, authority, devices, server)
            lab.install()
            yield lab


@dataclass
class Company:
    """The emulated providers behind a CONNECT server that leaves from an address which both of them admit."""

    servers: Servers
    known: Secrets
    network: Network
    gateway: ConnectServer
    trust: ssl.SSLContext
    authority: Authority
    devices: Authority
    storage: Path

    def device(self, platform: Platform, rules: str | None, **more: Any) -> Device:
        """A device with the rule set `rules` installed; without one, without a VPN profile."""
        device = Device("Anna's device", platform, "UDID", PHONE, self.network, self.trust, self.storage, **more)
        if rules is not None:
            device.install_profile(
                1,
                1,
                rules=rules,
                gateway=PinnedGateway(GATEWAY, self.gateway.port, self.gateway.credential.certificate_pem.decode()),
                client=self.devices.issue_device("anna", san_uris=["urn:uem:device:UDID"]),
            )
        return device

    @property
    def anna(self) -> Person:
        return Person(okta.acme.LOGIN, self.known.password, CODE)

    def okta_saw(self) -> list[tuple[str, str]]:
        """Outcome and address of every judgement of a sign-in policy."""
        events = self.servers.okta.log.of_type("policy.evaluate_sign_on")
        return [(event["outcome"]["result"], event["client"]["ipAddress"]) for event in events]

    def entra_saw(self) -> list[tuple[int, str, bool]]:
        """Error number, address, and whether a person was there, of every sign-in."""
        entries = self.servers.entra.log.entries
        return [(each["status"]["errorCode"], each["ipAddress"], each["isInteractive"]) for each in entries]


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[Company]:
    authority, devices, network, known = Authority("Servers"), Authority("Devices"), Network(), Secrets(code=CODE)
    credential = authority.issue_server(["gateway.example"], [GATEWAY])
    trust = ssl.create_default_context(cadata=authority.certificate_pem.decode())
    async with (
        serve(authority, known, network) as servers,
        ConnectServer(credential, devices, network) as gateway,
    ):
        yield Company(servers, known, network, gateway, trust, authority, devices, tmp_path)
