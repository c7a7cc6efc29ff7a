"""`tunnel-lab device NAME --listen`: a real program behind a real gateway, as a person would try it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lab.cli import app
from lab.network import LOOPBACK

PATIENCE = 60
DISCOVERY = "https://acme.okta.com/.well-known/openid-configuration"


@dataclass
class Listener:
    """The program, and what it has said since it listens."""

    process: subprocess.Popen[str]
    found: dict[str, Any] = field(default_factory=dict)

    def curl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["curl", "-sS", "--max-time", "20", "-x", self.found["proxy"], "--cacert", self.found["authority"]]
        return subprocess.run(
            [*command, *arguments], capture_output=True, text=True, env={"PATH": os.environ["PATH"]}, timeout=30
        )

    def line(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        assert ready, "nothing was said in time"
        said: dict[str, Any] = json.loads(self.process.stdout.readline() or "{}")
        return said


@contextlib.contextmanager
def listener(environment: dict[str, str], *arguments: str) -> Iterator[Listener]:
    """The program in a session of its own; ended by Ctrl-C at the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "lab", "device", *arguments, "--listen", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )
    try:
        found = Listener(process)
        found.found = found.line()
        assert found.found.get("event") == "listening", process.stderr.read() if process.stderr else ""
        yield found
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, out) == (0, ""), err
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_curl_becomes_an_app_of_a_compliant_iphone(program_environment: dict[str, str]) -> None:
    with listener(program_environment, "iphone", "--app", "outlook") as iphone:
        tunnelled = iphone.curl(DISCOVERY)
        assert json.loads(tunnelled.stdout)["issuer"] == "https://acme.okta.com"
        said = iphone.line()
        assert (said["event"], said["host"], said["port"], said["path"]) == (
            "connection",
            "acme.okta.com",
            443,
            "tunnel",
        )
        assert (said["app"], said["rule"], said["refusal"]) == (
            "com.microsoft.Office.Outlook",
            "identity-providers",
            None,
        )
        lab = Path(iphone.found["authority"]).parent
        [decision] = [json.loads(line) for line in (lab / "decisions.jsonl").read_text().splitlines()][:1]
        assert decision["admitted"] is True
        assert decision["egress"] in LOOPBACK.egress
        assert decision["device"]["claimed_app"] == "com.microsoft.Office.Outlook"

        assert iphone.curl("-o", os.devnull, "-w", "%{http_code}", "https://graph.microsoft.com/").stdout == "404"
        said = iphone.line()
        assert (said["path"], said["reason"], said["failure"]) == ("direct", "default-action", None)

        for secret in (Path(iphone.found["password_file"]), Path(iphone.found["code_file"])):
            assert secret.stat().st_mode & 0o077 == 0
            assert secret.read_text().strip() not in json.dumps(iphone.found)
    assert not lab.exists()


def test_a_laptop_that_is_not_compliant_is_told_why(program_environment: dict[str, str]) -> None:
    with listener(program_environment, "laptop", "--app", "chrome", "--not-compliant") as laptop:
        refused = laptop.curl("-v", DISCOVERY)
        assert refused.returncode == 56
        assert "CONNECT tunnel failed, response 403" in refused.stderr
        status = re.search(r"< Proxy-Status: (.*)", refused.stderr)
        assert status is not None
        assert status[1].strip() == (
            'lab-gateway; error=http_request_denied; details="device-not-compliant", '
            "tunnel-lab-device; received-status=403"
        )
        said = laptop.line()
        assert said["path"] == "tunnel"
        assert said["refusal"]["reason"] == "device-not-compliant"
        assert said["refusal"]["what_to_do"]
        assert laptop.curl("-o", os.devnull, "-w", "%{http_code}", "https://graph.microsoft.com/").stdout == "404"
        assert laptop.line()["path"] == "direct", "what is not tunnelled does not ask the gateway"


def verb(*arguments: str) -> Result:
    """`tunnel-lab device …` in this process."""
    return CliRunner().invoke(app, ["device", *arguments])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["ipone"], "no device 'ipone' (did you mean 'iphone'?); there are iphone, android,", id="device"),
        pytest.param(["iphone", "--app", "outlok"], "no app 'outlok' on ios (did you mean 'outlook'?)", id="app"),
        pytest.param(["mac", "0.0.0.0:8080"], "0.0.0.0 can be reached from other machines", id="address-of-all"),
        pytest.param(["mac", "localhost:8080"], "'localhost:8080' is not HOST:PORT with an IP address", id="name"),
        pytest.param(["mac", "127.0.0.1:99999"], "'127.0.0.1:99999' is not HOST:PORT", id="port"),
        pytest.param(["mac", "1.2.3:80"], "'1.2.3' does not appear to be an IPv4 or IPv6 address", id="no-address"),
        pytest.param(["mac", "--rules", "missing.yaml"], "missing.yaml:1:1: cannot read this file", id="rules"),
    ],
)
def test_mistakes_are_told_before_anything_starts(arguments: list[str], said: str) -> None:
    done = verb(*arguments, "--listen")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(said), done.stderr


@pytest.mark.parametrize("argument", ["127.0.0.1:0", "--app=safari", "--not-compliant"])
def test_what_is_for_listening_is_not_ignored_without_it(argument: str) -> None:
    done = verb("mac", argument)
    assert (done.exit_code, done.stderr) == (2, "HOST:PORT, --app and --not-compliant go with --listen\n")


def test_a_port_that_is_taken_is_said_before_anything_starts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        done = verb("mac", where, "--listen")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.startswith(f"cannot listen at {where}: ")
    assert "in use" in done.stderr


def test_what_the_apps_of_a_device_would_open() -> None:
    found = {each["app"]: each for each in json.loads(verb("iphone", "--json").stdout)["apps"]}
    assert found["crm"]["okta"] == {
        "page": {"app": "safari", "path": "tunnel"},
        "tokens": {"app": "crm", "path": "direct"},
    }
    assert found["mail"]["entra"]["tokens"] == {"app": "settings", "path": "direct"}
    assert found["field-service"]["okta"]["page"]["app"] == "okta-verify"
    shown = verb("iphone").stdout
    assert re.search(r"Acme CRM .* Safari: tunnel .*\n.* itself: direct", shown), shown
