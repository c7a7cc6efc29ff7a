"""The walk of docs/gateway.md, from nothing to the first tunnelled request, done as it stands there."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from running_gateway import EGRESS, HOST, PHONE, Surroundings

from lab.authority import write_private

PAGE = Path(__file__).parents[2] / "docs" / "gateway.md"
POLICIES = Path("/etc/chromium/policies/managed")
LISTEN = "127.41.0.1"

PROGRAMS = {
    "tunnel-gateway": f'#!/bin/sh\nexec "{sys.executable}" -m tunnel_gateway "$@"\n',
    # Without a screen, and saying what the page holds.
    "chromium": "#!/bin/sh\nexec /usr/bin/chromium --headless=new --no-sandbox --disable-gpu --no-first-run"
    ' --disable-background-networking --user-data-dir="$HOME/profile" --dump-dom "$@" 2>chromium.errors\n',
}


def _blocks(kind: str) -> str:
    found = re.findall(rf"^```sh {kind}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found
    return "".join(found)


def _here(text: str, around: Surroundings, port: int) -> str:
    """The page's example addresses and names, as this machine and its emulated UEM have them."""
    destination = "{}:{}".format(*around.destination)
    for shown, meant in {
        "192.0.2.10:8443": f"{LISTEN}:{port}",
        "192.0.2.10": LISTEN,
        "[203.0.113.10, 203.0.113.11]": f"[{', '.join(EGRESS)}]",
        "https://cn1234.awmdm.com/API": f"{around.uem_url}/API",
        "https://na.uemauth.workspaceone.com/connect/token": f"{around.uem_url}/oauth/token",
        "client-id: 0f1e2d3c": f"client-id: {around.tenant.secrets.client_id}\n    ca-file: lab-ca.pem",
        "decision-log:": f"allowed-addresses: [127.40.0.0/24]\nconnect-to: {{'{HOST}:443': '{destination}'}}\n"
        "decision-log:",
        f"https://{HOST}/": f"https://{HOST}/seen",
        "tunnel-gateway.json": f"tunnel-gateway-test-{port}.json",
    }.items():
        assert shown in PAGE.read_text(), shown
        text = text.replace(shown, meant)
    return text


def _walk(around: Surroundings, home: Path, script: str) -> str:
    """What the commands print, run one after the other in a home of their own; the gateway ends with them."""
    around.enrol()
    gateway = home / "gateway"
    gateway.mkdir(mode=0o700)
    script = script.replace("mkdir -m 700 gateway && ", "")
    known = around.tenant.secrets
    write_private(gateway / "uem-ca.pem", around.tenant.authority.certificate_pem)
    write_private(gateway / "lab-ca.pem", around.authority.certificate_pem)
    write_private(gateway / "uem.secret", known.client_secret.encode())
    write_private(gateway / "tenant.code", known.tenant_code.encode())
    around.device_certificate().write(gateway, "phone")
    programs = home / "bin"
    programs.mkdir()
    for name, text in PROGRAMS.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    environment = {
        **os.environ,
        "HOME": str(home),
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(str(Path(entry).resolve()) for entry in sys.path if entry),
        "CURL_CA_BUNDLE": str(gateway / "lab-ca.pem"),
    }
    done = subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", f"{script}\nkill %1\nwait"],
        cwd=home,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, errors = done.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        os.killpg(done.pid, signal.SIGKILL)
        out, errors = done.communicate()
    assert done.returncode == 0, (out, errors)
    return out


def _free_port() -> int:
    with socket.create_server((LISTEN, 0)) as free:
        return int(free.getsockname()[1])


@pytest.mark.skipif(shutil.which("curl") is None or shutil.which("openssl") is None, reason="needs curl and openssl")
def test_walk_with_curl(surroundings: Surroundings, tmp_path: Path) -> None:
    out = _walk(surroundings, tmp_path, _here(_blocks("walk"), surroundings, _free_port()))
    assert re.search(rf"ready +yes.*\n(?:.*\n)*({'|'.join(EGRESS)})", out)
    assert re.search(rf"admitted .* {PHONE} ios .*{HOST}:443", out)


@pytest.mark.skipif(
    not Path("/usr/bin/chromium").exists() or shutil.which("pk12util") is None or os.geteuid() != 0,
    reason="needs Chromium and libnss3-tools, and root for Chromium's policies",
)
def test_walk_with_chromium(surroundings: Surroundings, tmp_path: Path) -> None:
    port = _free_port()
    trust = "certutil -A -d sql:$HOME/.pki/nssdb -n lab -t C,, -i lab-ca.pem\n"
    script = _blocks("walk") + _blocks("walk chromium").replace("openssl pkcs12", f"{trust}openssl pkcs12", 1)
    try:
        out = _walk(surroundings, tmp_path, _here(script, surroundings, port))
    finally:
        (POLICIES / f"tunnel-gateway-test-{port}.json").unlink(missing_ok=True)
    assert re.search(rf"<pre[^>]*>({'|'.join(EGRESS)})</pre>", out)
    lines = (tmp_path / "gateway" / "decisions.jsonl").read_text().splitlines()
    assert sum(json.loads(line)["admitted"] for line in lines) >= 2
