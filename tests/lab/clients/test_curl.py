"""curl as an app of a device, against the real gateway: allowed, sent direct, blocked, refused."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess

import pytest
from client_lab import BREAKS_POLICY, COMPLIANT, UNMANAGED, ClientLab

from lab.device import Path
from lab.network import LOOK_ALIKE_HOST, LOOPBACK

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")

OKTA = "https://acme.okta.com/.well-known/openid-configuration"


def curl(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["curl", "-sS", "--max-time", "20", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        env={"PATH": os.environ["PATH"]},
    )


def through(lab: ClientLab, device: str, url: str, *more: str) -> subprocess.CompletedProcess[str]:
    return curl("-x", lab.proxies[device].url, "--cacert", lab.authority, *more, url)


@pytest.mark.parametrize(
    ("device", "url", "way"),
    [
        pytest.param(COMPLIANT, OKTA, Path.TUNNEL, id="allowed"),
        pytest.param(COMPLIANT, "https://graph.microsoft.com/v1.0/$metadata", Path.DIRECT, id="sent direct by a rule"),
        pytest.param(BREAKS_POLICY, "https://api.acme.example/", Path.DIRECT, id="direct, whatever the posture"),
        pytest.param(UNMANAGED, OKTA, Path.DIRECT, id="no profile"),
    ],
)
def test_curl_reaches_the_host(lab: ClientLab, device: str, url: str, way: Path) -> None:
    begin = lab.mark()
    done = through(lab, device, url, "-o", os.devnull, "-w", "%{http_connect} %{ssl_verify_result}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "200 0", "")
    found = lab.pages_since(begin)
    assert [attempt.route.path for attempt in found.attempts] == [way]
    assert [record.admitted for record in found.decisions] == ([True] if way is Path.TUNNEL else [])
    assert {record.egress for record in found.decisions} <= set(LOOPBACK.egress)


def test_curl_shows_why_the_gateway_refused(lab: ClientLab) -> None:
    begin = lab.mark()
    done = through(lab, BREAKS_POLICY, OKTA, "-D", "-")
    assert done.returncode == 56
    assert "403" in done.stderr
    assert 'Proxy-Status: lab-gateway; error=http_request_denied; details="device-not-compliant"' in done.stdout
    found = lab.pages_since(begin)
    assert [(record.admitted, record.reason) for record in found.decisions] == [(False, "device-not-compliant")]
    assert found.okta_events == ()


def test_curl_shows_what_to_do_where_it_asks_for_the_tunnel_itself(lab: ClientLab) -> None:
    """As a proxy's client curl hides the body of a refused CONNECT; as anybody's client it shows it."""
    done = curl("-X", "CONNECT", "--request-target", "acme.okta.com:443", lab.proxies[BREAKS_POLICY].url)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["reason"] == "device-not-compliant"
    assert said["what_to_do"]
    assert re.fullmatch(r"[0-9a-f]{16}", said["decision_id"])


def test_curl_shows_that_the_device_s_own_rules_block(lab: ClientLab) -> None:
    begin = lab.mark()
    done = through(lab, COMPLIANT, f"https://{LOOK_ALIKE_HOST}/", "-D", "-")
    assert done.returncode == 56
    assert 'Proxy-Status: tunnel-lab-device; error=http_request_denied; details="rule"' in done.stdout
    found = lab.pages_since(begin)
    assert [attempt.route.rule for attempt in found.attempts] == ["look-alikes"]
    assert found.decisions == ()
