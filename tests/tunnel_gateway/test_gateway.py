"""The way of a CONNECT through a real gateway process: who is admitted, who is refused, and what each one is told."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from running_gateway import DECIDED, EGRESS, HOST, PHONE, Answer, RunningGateway, Surroundings, ask, started, surrounded

from lab.authority import Authority, Credential, write_private
from lab.uem.inventory import ComplianceStatus, DevicePlatform, EnrollmentStatus, Sample

Start = Callable[..., RunningGateway]


def curl(
    gateway: RunningGateway, ca: Path, credential: Credential | None, url: str
) -> subprocess.CompletedProcess[str]:
    """The way a person tries it: curl with the device's certificate at the proxy."""
    arguments = ["curl", "--silent", "--show-error", "--max-time", "10", "--cacert", str(ca)]
    arguments += ["--proxy", "https://{}:{}".format(*gateway.address), "--proxy-cacert", str(ca)]
    if credential is not None:
        certificate, key = credential.write(gateway.directory, "curl")
        arguments += ["--proxy-cert", str(certificate), "--proxy-key", str(key)]
    arguments += ["--write-out", "\n%{http_connect} %{http_code}", url]
    return subprocess.run(arguments, capture_output=True, text=True, timeout=20)


@pytest.fixture
def ca(surroundings: Surroundings, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    write_private(path, surroundings.authority.certificate_pem)
    return path


@pytest.fixture(scope="module")
def around() -> Iterator[Surroundings]:
    """A phone that is enrolled, for all tests that change nothing."""
    with surrounded() as made:
        made.enrol()
        yield made


@pytest.fixture(scope="module")
def standing(around: Surroundings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    """The gateway of these tests."""
    leads = {
        f"{HOST}:443": "{}:{}".format(*around.destination),
        "refused.example:443": "127.40.0.10:1",
        "inner.example:443": "10.0.0.1:443",
    }
    gateway = started(around, tmp_path_factory.mktemp("gateway"), **{"connect-to": leads})
    yield gateway
    gateway.close()


def decision(gateway: RunningGateway, answer: Answer) -> dict[str, Any]:
    """The line of the decision log that the answer names."""
    (line,) = [each for each in gateway.decisions() if each["decision_id"] == answer.body["decision_id"]]
    return line


# --- admitted ---


def test_compliant_device_is_seen_from_an_egress_address(start: Start, surroundings: Surroundings, ca: Path) -> None:
    surroundings.enrol()
    gateway = start()
    done = curl(gateway, ca, surroundings.device_certificate(), f"https://{HOST}/seen")
    seen, codes = done.stdout.split("\n")
    assert codes == "200 200", done.stderr
    assert seen in EGRESS
    opened, ended = gateway.wait_for_decisions(lambda lines: len(lines) == 2)
    assert opened["admitted"] is True
    assert (opened["reason"], opened["rule"], opened["action"]) == ("rule", "identity-providers", "tunnel")
    assert opened["device"] == {"udid": PHONE, "platform": "ios", "claimed_app": None}
    assert (opened["egress"], opened["address"], opened["host"]) == (seen, "127.40.0.10", HOST)
    assert ended["event"] == "end"
    assert ended["decision_id"] == opened["decision_id"]
    assert ended["bytes_up"] > 0
    assert ended["bytes_down"] > 0


def test_device_keeps_its_egress_address(standing: RunningGateway, around: Surroundings, tmp_path: Path) -> None:
    ca, certificate = tmp_path / "ca.pem", around.device_certificate()
    write_private(ca, around.authority.certificate_pem)
    seen = {curl(standing, ca, certificate, f"https://{HOST}/seen").stdout.split("\n")[0] for _ in range(3)}
    assert len(seen) == 1
    assert seen < set(EGRESS)


def test_early_data_reaches_the_server_only_after_admission(start: Start, surroundings: Surroundings) -> None:
    """A client that does not wait for the 200 loses nothing."""
    surroundings.enrol()
    gateway = start(sni="off")
    connection = gateway.tls(surroundings.device_certificate())
    target = f"{HOST}:443"
    connection.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode() + b"not a TLS record at all")
    received = b""
    while part := connection.recv(4096):
        received += part
    assert received.startswith(b"HTTP/1.1 200 ")
    connection.close()
    end = gateway.wait_for_decisions(lambda lines: len(lines) == 2)[-1]
    assert end["bytes_up"] == len(b"not a TLS record at all")


# --- identity ---


@pytest.mark.parametrize(
    ("reason", "make"),
    [
        pytest.param("client-certificate-missing", lambda _: None, id="no-certificate"),
        pytest.param(
            "client-certificate-untrusted",
            lambda _: Authority("ACME Device Root").issue_device("anna", san_uris=[f"urn:uem:device:{PHONE}"]),
            id="authority-of-the-same-name",
        ),
        pytest.param(
            "client-certificate-expired",
            lambda s: s.device_certificate(valid_for=timedelta(minutes=-1)),
            id="expired",
        ),
        pytest.param(
            "client-certificate-untrusted",
            lambda s: s.tenant.authority.issue_server(["phone.example"], []),
            id="server-certificate-of-the-device-authority",
        ),
        pytest.param(
            "client-certificate-without-device", lambda s: s.tenant.authority.issue_device("anna"), id="names-nobody"
        ),
        pytest.param(
            "client-certificate-without-device",
            lambda s: s.tenant.authority.issue_device(
                "anna", san_uris=[f"urn:uem:device:{PHONE}", "urn:uem:device:0123456789abcdef"]
            ),
            id="names-two-devices",
        ),
    ],
)
def test_certificate_is_refused(
    standing: RunningGateway, around: Surroundings, reason: str, make: Callable[[Surroundings], Credential | None]
) -> None:
    answer = standing.connect(make(around))
    assert (answer.status, answer.reason) == (403, reason)
    assert answer.fields["proxy-status"] == f'test-gateway; error=http_request_denied; details="{reason}"'
    line = decision(standing, answer)
    assert (line["reason"], line["admitted"], line["device"], line["host"]) == (reason, False, None, None)


@pytest.mark.parametrize("target", ["acme.okta.com:443", "no-rule.example:443", "acme.okta.com:22", "127.0.0.1:443"])
def test_stranger_learns_nothing_of_rules(standing: RunningGateway, target: str) -> None:
    stranger = Authority("Nobody").issue_device("anna", san_uris=[f"urn:uem:device:{PHONE}"])
    answer = standing.connect(stranger, target)
    told = {key: value for key, value in answer.body.items() if key != "decision_id"}
    assert told == {
        "reason": "client-certificate-untrusted",
        "detail": "unable to get local issuer certificate",
        "what_to_do": "Reinstall the VPN profile from the UEM's app, so that the device gets a new certificate.",
    }


# --- admission ---


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        (ComplianceStatus.NON_COMPLIANT, "device-not-compliant"),
        (ComplianceStatus.PENDING, "device-compliance-pending"),
        (ComplianceStatus.NOT_AVAILABLE, "device-not-compliant"),
    ],
)
def test_only_the_word_compliant_admits(
    standing: RunningGateway, around: Surroundings, word: ComplianceStatus, reason: str
) -> None:
    device = around.enrol(f"phone-{word.value}")
    around.tenant.set_state(device, compliance=word)
    standing.wait_for_sync()
    answer = standing.connect(around.device_certificate(device.udid))
    assert (answer.status, answer.reason) == (403, reason)


def test_unknown_unenrolled_and_compromised_devices_are_refused(start: Start, surroundings: Surroundings) -> None:
    surroundings.tenant.set_state(surroundings.enrol("unenrolled-1"), enrollment=EnrollmentStatus.UNENROLLED)
    surroundings.tenant.check_in(surroundings.enrol("compromised-1"), Sample(compromised=True))
    surroundings.tenant.set_state(surroundings.tenant.by_udid("compromised-1"), compliance=ComplianceStatus.COMPLIANT)
    gateway = start()
    reasons = [
        gateway.connect(surroundings.device_certificate(udid)).reason
        for udid in ("nobody-knows-it", "unenrolled-1", "compromised-1")
    ]
    assert reasons == ["device-unknown", "device-not-enrolled", "device-compromised"]


def test_device_without_a_word_on_compromise_is_refused(start: Start, surroundings: Surroundings) -> None:
    device = surroundings.tenant.enrol(
        PHONE, DevicePlatform.APPLE, friendly_name="new", user_name="anna", user_email="anna@acme.example"
    )
    surroundings.tenant.set_state(device, compliance=ComplianceStatus.COMPLIANT)
    answer = start().connect(surroundings.device_certificate())
    assert (answer.status, answer.reason) == (503, "posture-unavailable")


def test_device_enrolled_after_the_last_synchronisation_is_looked_up(start: Start, surroundings: Surroundings) -> None:
    gateway = start(posture=_posture(surroundings, every="1h"))
    surroundings.enrol()
    assert gateway.connect(surroundings.device_certificate()).status == 200


def test_gateway_starts_without_posture_says_so_and_admits_nobody(start: Start, surroundings: Surroundings) -> None:
    surroundings.enrol()
    gateway = start(fresh=False, posture=_posture(surroundings, port=1))
    answer = gateway.connect(surroundings.device_certificate())
    assert (answer.status, answer.reason) == (503, "posture-unavailable")
    assert gateway.status()["posture"]["state"] == "unavailable"
    _, errors, _ = gateway.stop()
    assert "posture: the token request failed" in errors


def test_posture_that_is_too_old_admits_nobody(start: Start, surroundings: Surroundings) -> None:
    surroundings.enrol()
    gateway = start(posture=_posture(surroundings) | {"max-age": "500ms"})
    surroundings.tenant.turn(requests_per_minute=0)
    gateway.wait_for_state("stale")
    answer = gateway.connect(surroundings.device_certificate())
    assert (answer.status, answer.reason) == (503, "posture-stale")


def test_change_of_posture_counts_from_the_next_synchronisation(start: Start, surroundings: Surroundings) -> None:
    device = surroundings.enrol()
    gateway = start()
    certificate = surroundings.device_certificate()
    assert gateway.connect(certificate).status == 200
    surroundings.tenant.set_state(device, compliance=ComplianceStatus.NON_COMPLIANT)
    gateway.wait_for_sync()
    assert gateway.connect(certificate).reason == "device-not-compliant"
    surroundings.tenant.set_state(device, compliance=ComplianceStatus.COMPLIANT)
    gateway.wait_for_sync()
    assert gateway.connect(certificate).status == 200


def _posture(surroundings: Surroundings, *, every: str = "100ms", port: int | None = None) -> dict[str, object]:
    url = surroundings.uem_url if port is None else f"https://127.40.0.30:{port}"
    return {
        "uem": {
            "url": f"{url}/API",
            "token-url": f"{url}/oauth/token",
            "client-id": surroundings.tenant.secrets.client_id,
            "client-secret-file": "uem.secret",
            "tenant-code-file": "tenant.code",
            "ca-file": "lab-ca.pem",
            "requests-per-minute": 100_000,
        },
        "sync-every": every,
        "compliance": DECIDED,
    }


# --- decision and destination ---


@pytest.mark.parametrize(
    ("target", "app", "status", "reason"),
    [
        pytest.param("acme.okta.com:443", "com.example.oldmail", 403, "rule", id="a-rule-blocks"),
        pytest.param("elsewhere.example:443", None, 403, "go-direct", id="default-is-bypass"),
        pytest.param("acme.okta.com:22", None, 403, "port-not-allowed", id="a-port-no-rule-names"),
        pytest.param("acme_okta.com:443", None, 400, "host-invalid", id="no-host-name"),
        pytest.param("127.1:443", None, 400, "host-invalid", id="an-address-to-guess-at"),
        pytest.param("localhost:443", None, 403, "loopback", id="loopback"),
        pytest.param("ACME.okta.com.:443", None, 200, None, id="another-spelling"),
        pytest.param("refused.example:443", None, 502, "connect-failed", id="nobody-listens"),
        pytest.param("inner.example:443", None, 403, "address-not-allowed", id="an-internal-address"),
        pytest.param("acme.okta.com:443", "com.example.mail", 200, None, id="another-app"),
    ],
)
def test_rules_and_destinations(
    standing: RunningGateway, around: Surroundings, target: str, app: str | None, status: int, reason: str | None
) -> None:
    answer = standing.connect(around.device_certificate(), target, app=app)
    assert (answer.status, answer.reason) == (status, reason)


def test_refusal_by_drop_says_nothing(start: Start, surroundings: Surroundings) -> None:
    gateway = start(refusal="drop")
    connection = gateway.tls(surroundings.device_certificate("nobody-knows-it"))
    connection.sendall(f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}:443\r\n\r\n".encode())
    assert connection.recv(1) == b""
    assert gateway.decisions()[-1]["reason"] == "device-unknown"


# --- resumed sessions ---


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_resumed_session_is_judged_like_a_new_one(start: Start, surroundings: Surroundings, version: str) -> None:
    device = surroundings.enrol()
    gateway = start()
    context = gateway.context(surroundings.device_certificate())
    context.minimum_version = context.maximum_version = getattr(__import__("ssl").TLSVersion, version)
    first = gateway.tls(None, context=context)
    assert ask(first, f"{HOST}:443").status == 200
    resumed = gateway.tls(None, context=context, session=first.session)
    assert resumed.session_reused
    assert ask(resumed, f"{HOST}:443").status == 200
    surroundings.tenant.set_state(device, compliance=ComplianceStatus.NON_COMPLIANT)
    gateway.wait_for_sync()
    again = gateway.tls(None, context=context, session=first.session)
    assert again.session_reused
    assert ask(again, f"{HOST}:443").reason == "device-not-compliant"


def test_resumed_session_of_a_stranger_is_refused(standing: RunningGateway) -> None:
    stranger = Authority("Nobody").issue_device("anna", san_uris=[f"urn:uem:device:{PHONE}"])
    context = standing.context(stranger)
    first = standing.tls(None, context=context)
    assert ask(first, f"{HOST}:443").reason == "client-certificate-untrusted"
    resumed = standing.tls(None, context=context, session=first.session)
    assert resumed.session_reused
    assert ask(resumed, f"{HOST}:443").reason == "client-certificate-untrusted"
