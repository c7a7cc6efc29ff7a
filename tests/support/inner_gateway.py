"""A gateway inside the test's own process, on real sockets with real TLS, so that a test can break it at any step."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from dtr_rules import Platform, parse_rule_set
from lab.authority import Authority, Credential
from tunnel_gateway.admission import AdmissionPolicy
from tunnel_gateway.blocks import Blocks
from tunnel_gateway.decision_log import DecisionLog
from tunnel_gateway.dialer import Dialer
from tunnel_gateway.egress import EgressPools, PoolPlan, Standing
from tunnel_gateway.egress_store import EgressStore
from tunnel_gateway.gateway import Gateway, Parts
from tunnel_gateway.identity import CertificateVerifier, DeviceAuthority, Identification, UdidFrom, UdidPlace
from tunnel_gateway.identity.revocation.checker import RevocationChecker
from tunnel_gateway.identity.revocation.fetch import HttpFetch
from tunnel_gateway.mitm import Limits, Listener, server_context
from tunnel_gateway.posture.clock import Clock
from tunnel_gateway.posture.model import Compliance, DevicePosture
from tunnel_gateway.posture.sync import Ages, PostureSync
from tunnel_gateway.posture.uem import Page
from tunnel_gateway.resolver import Resolver
from tunnel_gateway.routing import Router
from tunnel_gateway.rule_book import RuleBook, device_rules
from tunnel_gateway.state import State

UDID = "0011223344556677"
HOST = "acme.okta.com"
HEAD = f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}:443\r\n\r\n".encode()
RULES = f"""
version: 1
name: login
mode: full-device
default: block
rules:
  - {{name: idp, apps: all, action: tunnel, to: [{HOST}]}}
"""


class OneDevice:
    """A UEM that knows one good phone."""

    def __init__(self) -> None:
        self.phone = DevicePosture(UDID, Platform.IOS, True, Compliance.COMPLIANT, "Compliant", False)

    async def page(self, number: int) -> Page:
        return Page((self.phone,), 1, 1)

    async def device(self, udid: str, *, urgent: bool = True) -> DevicePosture | None:
        return self.phone if udid == self.phone.udid else None

    async def close(self) -> None: ...


def reset(writer: asyncio.StreamWriter) -> None:
    """Close with a reset instead of an end."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@dataclass
class Destination:
    """A server that counts who came, keeps what they sent, and answers `reply` to the first bytes."""

    port: int = 0
    came: int = 0
    received: bytearray = field(default_factory=bytearray)
    reply: bytes = b"hello"
    resets: bool = False
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        with suppress(ConnectionError):
            while part := await reader.read(65536):
                self.received += part
                if self.resets:
                    reset(writer)
                    break
                writer.write(self.reply)
        self.closed.set()
        writer.close()


@dataclass
class Inner:
    """The running gateway, its parts, and a device's way in."""

    parts: Parts
    gateway: Gateway
    listener: Listener
    destination: Destination
    credential: Credential
    directory: Path

    def lead(self, host: str, port: int, to: tuple[str, int]) -> None:
        """Let a host and port lead to another place, and no other one."""
        known = self.parts.router.dialer
        self.parts.router.dialer = Dialer({(host, port): to}, known._allowed, known._resolver, known.never)

    def context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.directory / "gateway.pem"))
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_cert_chain(*self.credential.write(self.directory, "device"))
        return context

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(*self.listener.address, ssl=self.context())

    async def ask(self, head: bytes = HEAD) -> tuple[str, dict[str, Any]]:
        """The first line of the answer and its body; an empty line where the gateway just closed."""
        reader, writer = await self.open()
        try:
            writer.write(head)
            data = await asyncio.wait_for(reader.read(), 5)
        except ConnectionError:
            data = b""
        finally:
            writer.transport.abort()
        first, _, rest = data.partition(b"\r\n")
        body = rest.partition(b"\r\n\r\n")[2]
        return first.decode(), json.loads(body) if body else {}

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.directory / "decisions.jsonl").read_text().splitlines()]


@asynccontextmanager
async def inner_gateway(
    directory: Path,
    *,
    limits: Limits | None = None,
    ages: Ages | None = None,
    clock: Clock | None = None,
    **changes: Any,
) -> AsyncIterator[Inner]:
    authority = Authority("Devices")
    limits = limits or Limits(handshake=5, head=5, connect=5, idle=5)
    Authority("Servers").issue_server(["gateway"], []).write(directory, "gateway")
    destination = Destination()
    server = await asyncio.start_server(destination.serve, "127.40.0.10", 0)
    destination.port = server.sockets[0].getsockname()[1]
    posture = PostureSync(OneDevice(), ages or Ages(every=60, max_age=60), clock=clock)  # type: ignore[arg-type]
    await posture.sync()
    state = State(directory / "state.sqlite")
    place = UdidPlace(UdidFrom.SAN_URI, "urn:uem:device:{udid}")
    fields: dict[str, Any] = {
        "name": "inner",
        "identification": Identification(
            CertificateVerifier([DeviceAuthority(authority.certificate, place)]), RevocationChecker(HttpFetch())
        ),
        "posture": posture,
        "policy": AdmissionPolicy(),
        "blocks": Blocks(state),
        "router": Router(
            RuleBook(device_rules(parse_rule_set(RULES, "rules.yaml").rule_set)),
            Dialer({(HOST, 443): ("127.40.0.10", destination.port)}, [ip_network("127.40.0.0/24")], Resolver(5)),
            EgressPools([PoolPlan("default", (Standing(ip_address("127.42.0.10")),))], EgressStore(state)),
        ),
        "log": DecisionLog(directory / "decisions.jsonl"),
        "limits": limits,
        "explains_refusals": True,
    }
    parts = Parts(**(fields | changes))
    gateway = Gateway(parts)
    posture.watch(gateway)
    tls = server_context(str(directory / "gateway.pem"), str(directory / "gateway.key"), [authority.certificate])
    listener = await Listener.open(("127.41.0.1", 0), tls, gateway)
    credential = authority.issue_device("phone", san_uris=[f"urn:uem:device:{UDID}"])
    try:
        yield Inner(parts, gateway, listener, destination, credential, directory)
    finally:
        gateway.shut_down()
        await listener.close(1)
        server.close()
        parts.log.close()
        state.close()
        await posture.close()
