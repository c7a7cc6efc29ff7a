"""What all servers share: certificates, a fleet of devices, a far end, and the UEM that only the gateway asks."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from running_gateway import Loop, Surroundings

from lab.authority import Authority, Credential, write_private
from lab.https_server import HttpsServer
from lab.uem.app import create_app
from lab.uem.knobs import Knobs
from lab.uem.tenant import Tenant

HERE = Path(__file__).parent
HOST = "acme.okta.com"
LISTEN, FAR_END, EGRESS = "127.41.0.1", "127.40.0.10", "127.42.0.10"


@dataclass(frozen=True)
class World:
    """`ports` are the far end's, by what it does there; `devices` the UDIDs, with their files in `credentials`."""

    directory: Path
    surroundings: Surroundings
    ports: dict[str, int]
    devices: list[str]
    credentials: list[tuple[str, str]]

    @property
    def server_certificate(self) -> Path:
        return self.directory / "server.pem"

    @property
    def server_key(self) -> Path:
        return self.directory / "server.key"

    @property
    def servers_authority(self) -> Path:
        return self.directory / "servers-ca.pem"

    @property
    def devices_authority(self) -> Path:
        return self.directory / "devices-ca.pem"


@contextmanager
def world(devices: int) -> Iterator[World]:
    """A UEM with that many compliant devices, their certificates, and the far end."""
    loop, authority, tenant = Loop(), Authority("Bench"), Tenant(knobs=Knobs(requests_per_minute=1_000_000))
    credential = authority.issue_server(["uem"], ["127.40.0.30"])
    uem = HttpsServer(create_app(tenant), address="127.40.0.30", credential=credential)
    far_end = subprocess.Popen(
        [sys.executable, str(HERE / "far_end.py"), FAR_END], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert far_end.stdout is not None
    try:
        loop.run(uem.__aenter__())
        with tempfile.TemporaryDirectory(prefix="connect-bench-") as name:
            directory = Path(name)
            ports = json.loads(far_end.stdout.readline())
            around = Surroundings(loop, authority, tenant, uem.url, (FAR_END, ports["answer"]))
            _server_files(directory, authority, tenant)
            udids = [f"00008110-{number:016X}" for number in range(devices)]
            files = [_enrol(around, directory, udid) for udid in udids]
            yield World(directory, around, ports, udids, files)
    finally:
        loop.run(uem.__aexit__(None, None, None))
        loop.close()
        far_end.communicate()


def _server_files(directory: Path, authority: Authority, tenant: Tenant) -> None:
    authority.issue_server(["gateway"], [LISTEN]).write(directory, "server")
    write_private(directory / "servers-ca.pem", authority.certificate_pem)
    write_private(directory / "devices-ca.pem", tenant.authority.certificate_pem)


def _enrol(around: Surroundings, directory: Path, udid: str) -> tuple[str, str]:
    around.enrol(udid)
    credential: Credential = around.device_certificate(udid)
    certificate, key = credential.write(directory, udid)
    return str(certificate), str(key)
