"""The servers that are compared, each a process: this gateway, stock mitmproxy, Squid, and none at all.

All of them present one certificate, ask for the same devices' certificates, and write a log.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml
from running_gateway import configuration, launch, wait_until
from surroundings import EGRESS, FAR_END, HOST, LISTEN, World

from lab.authority import write_private

CONNECTIONS = 9_500
EVENTS_LOGIN = ("uem", "a-password-for-events")
SQUID_USER = "proxy"


@dataclass(frozen=True)
class Server:
    """Where it listens, its process, and the host that devices ask it for. No process: the far end itself."""

    name: str
    address: tuple[str, int]
    process: int | None
    host: str
    directory: Path | None = None
    events: str | None = None
    """Where the UEM tells it of changes."""

    @property
    def is_direct(self) -> bool:
        return self.process is None


def direct(world: World) -> Server:
    return Server("no proxy", (FAR_END, world.ports["answer"]), None, HOST)


@contextmanager
def gateway(world: World, *, python: str = sys.executable) -> Iterator[Server]:
    """Everything on: posture, revocation as far as it needs no network, rules, SNI, egress, the decision log."""
    directory = world.directory / "gateway"
    directory.mkdir()
    config = configuration(
        world.surroundings,
        directory,
        egress=[EGRESS],
        limits={
            "connections": CONNECTIONS,
            "connections-per-source": CONNECTIONS,
            "tunnels-per-device": CONNECTIONS,
            "idle": "20m",
        },
        **{"connect-to": {f"{HOST}:{port}": f"{FAR_END}:{port}" for port in world.ports.values()}},
    )
    file = yaml.safe_load(config.read_text())
    events = f"{LISTEN}:{_free_port()}"
    write_private(directory / "events.password", EVENTS_LOGIN[1].encode())
    tls = {"certificate": str(world.server_certificate), "key": str(world.server_key)}
    file["posture"] |= {"sync-every": "5m", "events": {"listen": events, "tls": tls, "user": EVENTS_LOGIN[0]}}
    file["posture"]["events"]["password-file"] = "events.password"
    file["posture"]["uem"]["requests-per-minute"] = 100_000
    file["tls"] = tls
    config.write_text(yaml.safe_dump(file))
    destinations = [f"{HOST}:{port}" for port in world.ports.values()]
    rule = {"name": "idp", "platforms": ["ios"], "apps": "all", "action": "tunnel", "to": destinations}
    rules = {"version": 1, "name": "bench", "mode": "per-app", "default": "bypass", "rules": [rule]}
    (directory / "rules.yaml").write_text(yaml.safe_dump(rules))
    process = launch(config)
    try:
        ready = directory / "ready.json"
        wait_until(lambda: ready.exists() or process.poll() is not None)
        assert process.poll() is None, process.communicate()[1]
        host, _, port = json.loads(ready.read_text())["listen"].rpartition(":")
        yield Server("this gateway", (host, int(port)), process.pid, HOST, directory, f"https://{events}/")
    finally:
        process.terminate()
        process.communicate()


@contextmanager
def mitmproxy(world: World) -> Iterator[Server]:
    """Stock mitmdump: it asks for certificates and judges none, and it is asked for the address, not the name."""
    directory, port = world.directory / "mitmproxy", _free_port()
    directory.mkdir()
    bundle = directory / "server.pem"
    bundle.write_bytes(world.server_key.read_bytes() + world.server_certificate.read_bytes())
    command = [sys.executable, "-c", "from mitmproxy.tools.main import mitmdump; mitmdump()"]
    command += ["--listen-host", LISTEN, "--listen-port", str(port), "--ignore-hosts", ".*", "--certs", f"*={bundle}"]
    for option in (f"confdir={directory}", "request_client_cert=true", f"connect_addr={EGRESS}"):
        command += ["--set", option]
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait_for(port, process)
            yield Server("mitmproxy", (LISTEN, port), process.pid, FAR_END, directory)
        finally:
            process.terminate()
            process.wait()


SQUID_FILE = """
https_port {listen}:{port} tls-cert={certificate} tls-key={key} tls-clientca={authority} sslcontext=bench
hosts_file {directory}/hosts
acl CONNECT method CONNECT
acl logins dstdomain {host}
acl ports port {ports}
http_access allow CONNECT logins ports
http_access deny all
tcp_outgoing_address {egress}
access_log stdio:{directory}/access.log
cache_log {directory}/cache.log
cache deny all
cache_mem 0
pid_filename none
pinger_enable off
max_filedescriptors {files}
shutdown_lifetime 0 seconds
coredump_dir {directory}
visible_hostname bench
"""


@contextmanager
def squid(world: World) -> Iterator[Server]:
    """Squid with an access list by name and an outgoing address; it verifies devices' certificates in the handshake.

    `sslcontext` makes resumption possible: without it every resumed connection fails, as with stock mitmproxy.
    """
    directory, port = world.directory / "squid", _free_port()
    directory.mkdir()
    for path in (world.server_certificate, world.server_key, world.devices_authority):
        shutil.copy(path, directory)
    (directory / "hosts").write_text(f"{FAR_END} {HOST}\n")
    text = SQUID_FILE.format(
        listen=LISTEN,
        port=port,
        certificate=directory / world.server_certificate.name,
        key=directory / world.server_key.name,
        authority=directory / world.devices_authority.name,
        directory=directory,
        host=HOST,
        ports=" ".join(map(str, world.ports.values())),
        egress=EGRESS,
        files=2 * CONNECTIONS + 500,
    )
    (directory / "squid.conf").write_text(text)
    user = _owned_by_squid(world.directory, directory)
    command = [str(squid_program()), "-N", "-f", str(directory / "squid.conf")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user)
    try:
        _wait_for(port, process)
        yield Server("Squid", (LISTEN, port), process.pid, HOST, directory)
    finally:
        process.terminate()
        process.wait()


def squid_program() -> str | None:
    return shutil.which("squid", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def _owned_by_squid(*directories: Path) -> int | None:
    """Squid does not run as root: its files are given to the user that its package made."""
    if os.geteuid() != 0:
        return None
    user = pwd.getpwnam(SQUID_USER).pw_uid
    directories[0].chmod(0o711)
    for path in (directories[-1], *directories[-1].iterdir()):
        os.chown(path, user, -1)
    return user


def _free_port() -> int:
    with socket.create_server((LISTEN, 0)) as free:
        return int(free.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        assert process.poll() is None, f"{process.args} ended with {process.returncode}"
        try:
            socket.create_connection((LISTEN, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"{process.args} does not listen")
