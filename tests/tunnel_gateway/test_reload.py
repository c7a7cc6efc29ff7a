"""A gateway that is told to read its files anew, or to stop, while devices use it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import yaml
from running_gateway import EGRESS, HOST, RULES, Answer, RunningGateway, Surroundings, wait_until

from lab.authority import Credential, write_private

Start = Callable[..., RunningGateway]


@pytest.fixture
def phone(surroundings: Surroundings) -> Credential:
    surroundings.enrol()
    return surroundings.device_certificate()


def _change(gateway: RunningGateway, **changes: Any) -> None:
    file = yaml.safe_load(gateway.config.read_text()) | changes
    gateway.config.write_text(yaml.safe_dump(file))


def _hang_up(gateway: RunningGateway) -> str:
    """SIGHUP, and what the gateway says to it."""
    assert gateway.process.stderr is not None
    gateway.process.send_signal(signal.SIGHUP)
    lines = []
    while line := gateway.process.stderr.readline():
        lines.append(line)
        if "reloaded" in line:
            break
    os.set_blocking(gateway.process.stderr.fileno(), False)
    lines += gateway.process.stderr.readlines()
    os.set_blocking(gateway.process.stderr.fileno(), True)
    return "".join(lines)


def _is_cut(answer: Answer) -> bool:
    """Whether it ends; a tunnel that stays runs into the socket's time limit."""
    with suppress(ConnectionResetError):
        while answer.connection.recv(4096):
            pass
    return True


def test_everything_is_swapped_and_tunnels_are_judged_again(
    start: Start, surroundings: Surroundings, phone: Credential
) -> None:
    gateway = start(sni="off")
    kept = gateway.connect(phone)
    assert kept.status == 200
    leaves = gateway.decisions()[-1]["egress"]

    (gateway.directory / "rules.yaml").write_text(RULES.replace('"refused.example"', '"new.example"'))
    _change(
        gateway,
        **{"connect-to": {f"{h}:443": "{}:{}".format(*surroundings.destination) for h in (HOST, "new.example")}},
    )
    assert "reloaded: rules login" in _hang_up(gateway)
    assert gateway.connect(phone, "new.example:443").status == 200
    kept.connection.sendall(b"GET / HTTP/1.1\r\n\r\n")  # no TLS: the server closes, and the tunnel was there to say so
    assert _is_cut(kept)
    kept.connection.close()
    gateway.wait_for_decisions(lambda lines: lines[-1]["reason"] == "closed-by-server")

    cut = gateway.connect(phone)
    _change(gateway, egress=[next(each for each in EGRESS if each != leaves)])
    _hang_up(gateway)
    assert _is_cut(cut)
    ended = gateway.wait_for_decisions(lambda lines: [line for line in lines if line["reason"] == "cut-by-rules"])
    assert ended[-1]["detail"].startswith(f"{leaves} is no longer an address")
    assert gateway.connect(phone).status == 200
    assert gateway.decisions()[-1]["egress"] != leaves

    for own in ("{}:{}".format(*gateway.address), gateway.admin.removeprefix("http://")):
        _change(gateway, **{"connect-to": {f"{HOST}:443": own}, "allowed-addresses": ["127.0.0.0/8"]})
        _hang_up(gateway)
        assert gateway.connect(phone).reason == "address-not-allowed"  # no way leads back to the gateway itself

    shown = gateway.tls(phone).getpeercert(binary_form=True)
    surroundings.authority.issue_server(["gateway"], ["127.41.0.1"]).write(gateway.directory, "gateway")
    write_private(gateway.directory / "uem-ca.pem", surroundings.authority.certificate_pem)
    _hang_up(gateway)
    assert gateway.connect(phone).reason == "client-certificate-untrusted"
    assert gateway.tls(phone).getpeercert(binary_form=True) != shown


SPOILT: list[tuple[Callable[[RunningGateway], Any], str]] = [
    (
        lambda g: (g.directory / "rules.yaml").write_text(RULES.replace("action: tunnel", "action: tunel")),
        "unknown action 'tunel'",
    ),
    (lambda g: (g.directory / "gateway.key").unlink(), "gateway.key: No such file"),
    (lambda g: _change(g, egress=["203.0.113.7"]), "203.0.113.7 cannot be used"),
    (lambda g: _change(g, listen="127.41.0.1:1"), "this has changed, and takes a restart"),
    (lambda g: g.config.write_text("junk"), "gateway.yaml:1:1"),
]


def test_what_cannot_be_used_changes_nothing_and_is_said(start: Start, phone: Credential) -> None:
    gateway = start(sni="off")
    tunnel = gateway.connect(phone)
    good = {path: path.read_bytes() for path in gateway.directory.iterdir() if path.suffix in (".yaml", ".key")}
    for spoil, words in SPOILT:
        spoil(gateway)
        said = _hang_up(gateway)
        assert "not reloaded, what was loaded before stays" in said
        assert words in said
        assert "Traceback" not in said
        assert gateway.connect(phone).status == 200
        for path, content in good.items():
            write_private(path, content)
    assert tunnel.connection.fileno() > 0
    assert not [line for line in gateway.decisions() if line["event"] == "end"]


def test_reload_under_load_drops_nothing(start: Start, phone: Credential) -> None:
    gateway = start(sni="off")
    failed: list[str | None] = []
    done = threading.Event()

    def load() -> None:
        context = gateway.context(phone)
        while not done.is_set():
            with gateway.tls(None, context=context) as connection:
                connection.sendall(f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
                answer = connection.recv(100)
                if not answer.startswith(b"HTTP/1.1 200"):
                    failed.append(answer.decode())

    threads = [threading.Thread(target=load) for _ in range(3)]
    kept = gateway.connect(phone)
    for thread in threads:
        thread.start()
    try:
        for number in range(4):
            (gateway.directory / "rules.yaml").write_text(RULES.replace("name: login", f"name: login-{number}"))
            assert f"reloaded: rules login-{number}" in _hang_up(gateway)
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert not failed
    ends = {line["reason"] for line in gateway.decisions() if line["event"] == "end"}
    assert ends <= {"closed-by-device", "closed-by-server"}
    assert kept.connection.fileno() > 0


# --- stop ---


def test_open_tunnel_may_end_by_itself_and_nobody_new_comes(start: Start, phone: Credential) -> None:
    gateway = start(sni="off", limits={"drain": "30s"})
    tunnel, early = gateway.connect(phone), gateway.tls(phone)
    gateway.process.terminate()
    wait_until(lambda: _refuses_connections(gateway))
    early.sendall(f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    assert early.recv(100).startswith(b"HTTP/1.1 503 ")
    early.close()
    assert gateway.process.poll() is None
    tunnel.connection.close()
    assert gateway.process.wait(timeout=20) == 0
    reasons = {line["event"]: line["reason"] for line in gateway.decisions() if line["host"]}
    assert reasons == {"connect": "rule", "end": "closed-by-device"}


def _refuses_connections(gateway: RunningGateway) -> bool:
    try:
        gateway.tcp()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.parametrize("insist", [True, False], ids=["second-signal", "time-is-up"])
def test_stop_does_not_wait_for_ever(start: Start, phone: Credential, insist: bool) -> None:
    gateway = start(sni="off", limits={"drain": "60s" if insist else "200ms"})
    tunnel = gateway.connect(phone)
    gateway.process.terminate()
    wait_until(lambda: _refuses_connections(gateway))
    if insist:
        gateway.process.terminate()
    assert gateway.process.wait(timeout=20) == 0
    assert _is_cut(tunnel)
    (end,) = (line for line in gateway.decisions() if line["event"] == "end")
    assert end["reason"] == "cut-by-shutdown"


def test_killed_gateway_starts_again_where_it_was(start: Start, phone: Credential) -> None:
    gateway = start(sni="off")
    tunnel = gateway.connect(phone)
    home = gateway.decisions()[-1]["egress"]
    with gateway.operator() as operator:
        body = {"pool": "default", "address": home, "state": "draining"}
        assert operator.post("/egress", json=body).status_code == 200
    gateway.process.kill()
    gateway.process.wait()
    assert _is_cut(tunnel)
    (gateway.directory / "ready.json").unlink()
    again = start(sni="off")
    assert again.connect(phone).status == 200
    assert again.decisions()[-1]["egress"] != home
    assert [line["event"] for line in again.decisions()] == ["connect", "connect"]
