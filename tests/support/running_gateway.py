"""A gateway as a process of its own, a UEM and a destination beside it, all on real sockets with real TLS."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp
from typer.testing import CliRunner

from lab.authority import Authority, Credential, write_private
from lab.https_server import HttpsServer
from lab.uem.app import create_app
from lab.uem.inventory import DevicePlatform, ManagedDevice, Sample
from lab.uem.tenant import Tenant
from tunnel_gateway.cli import app

PHONE = "00008110-000A1C2E3F40801E"
HOST = "acme.okta.com"
EGRESS = ("127.42.0.10", "127.42.0.11")
DECIDED = dict.fromkeys(("pending", "not-available", "unknown", "quarantined"), "refuse")
ADMIN_TOKEN = "an-admin-token-of-more-than-32-characters"
ADMIN = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Whom to trust where nothing is encrypted: it takes long to read the system's list of authorities."""
RULES = """
version: 1
name: login
mode: per-app
default: bypass
rules:
  - {name: mail, platforms: [ios], apps: [com.example.oldmail], action: block, to: ["acme.okta.com"]}
  - name: identity-providers
    platforms: [ios, android]
    apps: all
    action: tunnel
    to: ["acme.okta.com", "refused.example", "inner.example"]
"""


async def _seen(request: Request) -> PlainTextResponse:
    assert request.client is not None
    return PlainTextResponse(request.client.host)


@contextmanager
def surrounded(before_uem: Callable[[ASGIApp], ASGIApp] = lambda app: app) -> Iterator[Surroundings]:
    """A UEM without devices, and a destination that answers `/seen` with the address that it saw.

    `before_uem` may put something before the UEM's application.
    """
    loop = Loop()
    authority, tenant = Authority("Lab"), Tenant()
    uem = HttpsServer(
        before_uem(create_app(tenant)),
        address="127.40.0.30",
        credential=authority.issue_server(["uem"], ["127.40.0.30"]),
    )
    seen = Starlette(routes=[Route("/seen", _seen)])
    destination = HttpsServer(seen, address="127.40.0.10", credential=authority.issue_server([HOST], ["127.40.0.10"]))
    try:
        loop.run(uem.__aenter__())
        loop.run(destination.__aenter__())
        yield Surroundings(loop, authority, tenant, uem.url, ("127.40.0.10", destination.port))
    finally:
        for server in (uem, destination):
            loop.run(server.__aexit__(None, None, None))
        loop.close()


def started(surroundings: Surroundings, directory: Path, *, fresh: bool = True, **changes: Any) -> RunningGateway:
    """A gateway that listens; `fresh` waits until it has read the UEM's inventory. Whoever started it closes it."""
    config = configuration(surroundings, directory, **changes)
    ready_file = directory / "ready.json"
    process = launch(config)
    gateway = RunningGateway(process, directory, config, ("", 0), "")
    try:
        wait_until(lambda: ready_file.exists() or process.poll() is not None)
        assert process.poll() is None, process.communicate()[1]
        ready = json.loads(ready_file.read_text())
        host, _, port = ready["listen"].rpartition(":")
        gateway.address, gateway.admin = (host, int(port)), ready["admin"]
        if fresh:
            gateway.wait_for_state("fresh")
    except BaseException:
        gateway.close()
        raise
    return gateway


class Loop:
    """An event loop in a thread, for the servers that stand for the rest of the world."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=20)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@dataclass
class Surroundings:
    """The UEM and a destination that says which address it saw."""

    loop: Loop
    authority: Authority
    tenant: Tenant
    uem_url: str
    destination: tuple[str, int]

    def enrol(self, udid: str = PHONE, platform: DevicePlatform = DevicePlatform.APPLE) -> ManagedDevice:
        device = self.tenant.enrol(
            udid, platform, friendly_name="a device", user_name="anna", user_email="anna@acme.example"
        )
        self.tenant.check_in(device, Sample())
        return device

    def device_certificate(self, udid: str = PHONE, **options: Any) -> Credential:
        return self.tenant.authority.issue_device("anna", san_uris=[f"urn:uem:device:{udid}"], **options)


@dataclass
class Answer:
    """What the gateway answered to a CONNECT, and the open connection."""

    status: int
    fields: dict[str, str]
    body: dict[str, Any]
    connection: ssl.SSLSocket

    @property
    def reason(self) -> str | None:
        return self.body.get("reason")


@dataclass
class RunningGateway:
    """A started gateway: its process, its files, and a device's way to it."""

    process: subprocess.Popen[str]
    directory: Path
    config: Path
    address: tuple[str, int]
    admin: str
    opened: list[socket.socket] = field(default_factory=list)

    def tcp(self) -> socket.socket:
        raw = socket.create_connection(self.address, timeout=10)
        self.opened.append(raw)
        return raw

    def tls(
        self,
        credential: Credential | None,
        *,
        session: ssl.SSLSession | None = None,
        context: ssl.SSLContext | None = None,
    ) -> ssl.SSLSocket:
        context = context or self.context(credential)
        connection = context.wrap_socket(self.tcp(), session=session)
        self.opened.append(connection)
        return connection

    def context(self, credential: Credential | None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.directory / "gateway.pem"))
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        if credential is not None:
            certificate, key = credential.write(self.directory, f"device-{os.urandom(4).hex()}")
            context.load_cert_chain(certificate, key)
        return context

    def connect(self, credential: Credential | None, target: str = f"{HOST}:443", *, app: str | None = None) -> Answer:
        return ask(self.tls(credential), target, app=app)

    def decisions(self) -> list[dict[str, Any]]:
        lines = (self.directory / "decisions.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def wait_for_decisions(self, enough: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        return wait_until(lambda: decisions if enough(decisions := self.decisions()) else None)

    def status(self) -> dict[str, Any]:
        with self.operator() as operator:
            return operator.get("/status").raise_for_status().json()

    def operator(self) -> httpx.Client:
        """A client of the admin endpoint that may ask."""
        if self.admin.startswith("unix:"):
            transport = httpx.HTTPTransport(uds=self.admin.removeprefix("unix:"), verify=NOBODY)
            return httpx.Client(base_url="http://admin", transport=transport)
        return httpx.Client(base_url=self.admin, headers=ADMIN, trust_env=False, verify=NOBODY)

    def wait_for_sync(self) -> None:
        """Until the gateway has read everything that the UEM says now."""
        now = datetime.now(UTC).isoformat()
        wait_until(lambda: (self.status()["posture"]["sync_started_at"] or "") > now)

    def wait_for_state(self, state: str) -> None:
        wait_until(lambda: self.status()["posture"]["state"] == state)

    def close(self) -> None:
        """Nothing of it is left: no process, no open socket of ours."""
        if self.process.poll() is None:
            self.process.kill()
        if self.process.stderr is not None and not self.process.stderr.closed:
            self.process.communicate()
        for connection in self.opened:
            connection.close()

    def stop(self) -> tuple[int, str, float]:
        started = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        _, errors = self.process.communicate(timeout=10)
        return self.process.returncode, errors, time.monotonic() - started


@dataclass
class Operated:
    """A gateway, a phone that it admits, and an operator's client for its admin endpoint."""

    gateway: RunningGateway
    phone: Credential
    operator: httpx.Client


def ask(connection: ssl.SSLSocket, target: str, *, app: str | None = None) -> Answer:
    head = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n"
    if app is not None:
        head += f"Tunnel-App: {app}\r\n"
    connection.sendall(head.encode() + b"\r\n")
    return read_answer(connection)


def read_answer(connection: ssl.SSLSocket) -> Answer:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(1)  # not one byte of the tunnel's own
        assert part, f"the gateway closed after {data!r}"
        data += part
    first, *lines = data.decode().strip().split("\r\n")
    fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    body = b""
    while len(body) < int(fields.get("content-length", 0)):
        body += connection.recv(65536)
    return Answer(int(first.split()[1]), fields, json.loads(body) if body else {}, connection)


def wait_until(condition: Callable[[], Any], seconds: float = 40.0) -> Any:
    """Poll another process's state, which cannot be waited for, until it is as wanted."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come to be in time"
        time.sleep(0.02)
    return found


def launch(config: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tunnel_gateway", "run", "--config", str(config)], stderr=subprocess.PIPE, text=True
    )


def run_gateway(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tunnel_gateway", *arguments], capture_output=True, text=True, timeout=60
    )


def call_gateway(*arguments: str) -> subprocess.CompletedProcess[str]:
    """As `run_gateway`, in this process: for what ends by itself, where the process is not the point."""
    result = CliRunner().invoke(app, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return subprocess.CompletedProcess(arguments, result.exit_code, result.stdout, result.stderr)


def configuration(surroundings: Surroundings, directory: Path, **changes: Any) -> Path:
    """A whole configuration with all its files in `directory`; `changes` replace top-level keys, None removes one."""
    surroundings.authority.issue_server(["gateway"], ["127.41.0.1"]).write(directory, "gateway")
    write_private(directory / "uem-ca.pem", surroundings.tenant.authority.certificate_pem)
    write_private(directory / "lab-ca.pem", surroundings.authority.certificate_pem)
    write_private(directory / "uem.secret", surroundings.tenant.secrets.client_secret.encode())
    write_private(directory / "tenant.code", surroundings.tenant.secrets.tenant_code.encode())
    write_private(directory / "admin.token", ADMIN_TOKEN.encode())
    (directory / "rules.yaml").write_text(RULES)
    file: dict[str, Any] = {
        "version": 1,
        "name": "test-gateway",
        "listen": "127.41.0.1:0",
        "tls": {"certificate": "gateway.pem", "key": "gateway.key"},
        "device-authorities": [
            {
                "certificate": "uem-ca.pem",
                "udid": {"from": "san-uri", "pattern": "urn:uem:device:{udid}"},
                "revocation": "off",
            }
        ],
        "rules": "rules.yaml",
        "egress": list(EGRESS),
        "connect-to": {f"{HOST}:443": "{}:{}".format(*surroundings.destination)},
        "allowed-addresses": ["127.40.0.0/24"],
        "posture": {
            "uem": {
                "url": f"{surroundings.uem_url}/API",
                "token-url": f"{surroundings.uem_url}/oauth/token",
                "client-id": surroundings.tenant.secrets.client_id,
                "client-secret-file": "uem.secret",
                "tenant-code-file": "tenant.code",
                "ca-file": "lab-ca.pem",
                "requests-per-minute": 100_000,
            },
            "sync-every": "100ms",
            "compliance": DECIDED,
        },
        "decision-log": "decisions.jsonl",
        "admin": {"listen": "127.0.0.1:0", "token-file": "admin.token"},
        "ready-file": "ready.json",
    }
    file |= changes
    path = directory / "gateway.yaml"
    path.write_text(yaml.safe_dump({key: value for key, value in file.items() if value is not None}))
    return path
