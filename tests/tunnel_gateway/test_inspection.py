"""Inspection, for labs: a chosen host is decrypted and written down, loudly; everything else stays as it was."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from mitmproxy import http, io
from running_gateway import HOST, RunningGateway, Surroundings, wait_until

Start = Callable[..., RunningGateway]
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")


def _curl(gateway: RunningGateway, phone: tuple[Path, Path], trusts: Path) -> subprocess.CompletedProcess[str]:
    host, port = gateway.address
    proxy = ["--proxy", f"https://{host}:{port}", "--proxy-cacert", str(gateway.directory / "gateway.pem")]
    device = ["--proxy-cert", str(phone[0]), "--proxy-key", str(phone[1]), "--noproxy", ""]
    command = ["curl", "-sS", *proxy, *device, "--cacert", str(trusts), f"https://{HOST}/seen"]
    return subprocess.run(command, capture_output=True, text=True, timeout=30)


@needs_curl
def test_inspected_host_is_written_down_and_every_record_says_so(start: Start, surroundings: Surroundings) -> None:
    surroundings.enrol()
    inspection = {"hosts": [HOST], "directory": "inspected", "ca-file": "lab-ca.pem"}
    gateway = start(inspection=inspection)
    phone = surroundings.device_certificate().write(gateway.directory, "phone")
    inspected = gateway.directory / "inspected"

    done = _curl(gateway, phone, inspected / "mitmproxy-ca-cert.pem")
    assert (done.returncode, done.stdout[:8]) == (0, "127.42.0"), done.stderr
    refused = _curl(gateway, phone, gateway.directory / "lab-ca.pem")
    assert (refused.returncode != 0, refused.stdout) == (True, ""), "a device that does not trust it gets nothing"

    gateway.wait_for_decisions(lambda records: sum(each["event"] == "end" for each in records) == 2)
    assert {each["detail"] for each in gateway.decisions()} == {"inspected: the gateway decrypts this tunnel"}
    (entry,) = json.loads((inspected / "flows.har").read_text())["log"]["entries"]
    assert (entry["request"]["url"].endswith("/seen"), entry["response"]["status"]) == (True, 200)
    with (inspected / "flows.mitm").open("rb") as stream:
        (flow,) = io.FlowReader(stream).stream()
    assert isinstance(flow, http.HTTPFlow)
    assert flow.request.path == "/seen"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (inspected, *inspected.iterdir())}
    assert modes["inspected"] == 0o700
    assert (modes["flows.har"], modes["flows.mitm"], modes["mitmproxy-ca.pem"]) == (0o600, 0o600, 0o600)
    assert gateway.status()["inspected_hosts"] == [HOST]
    _, errors, _ = gateway.stop()
    assert f"INSPECTION IS ON: tunnels to {HOST} are decrypted" in errors
    assert "Traceback" not in errors


@needs_curl
def test_other_hosts_are_left_alone(start: Start, surroundings: Surroundings) -> None:
    surroundings.enrol()
    gateway = start(inspection={"hosts": ["other.example"], "directory": "inspected"})
    phone = surroundings.device_certificate().write(gateway.directory, "phone")
    done = _curl(gateway, phone, gateway.directory / "lab-ca.pem")
    assert (done.returncode, done.stdout[:8]) == (0, "127.42.0"), done.stderr
    wait_until(lambda: gateway.decisions())
    assert gateway.decisions()[0]["detail"] is None
    assert not (gateway.directory / "inspected" / "flows.har").exists()
