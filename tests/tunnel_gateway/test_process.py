"""The gateway as an operator runs it: wrong input, taken ports, interruption, what is left behind."""

from __future__ import annotations

import json
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from running_gateway import (
    ADMIN,
    ADMIN_TOKEN,
    HOST,
    RunningGateway,
    Surroundings,
    call_gateway,
    configuration,
    launch,
    run_gateway,
    wait_until,
)

from lab.authority import Authority, write_private

Start = Callable[..., RunningGateway]


def test_every_mistake_is_shown_with_its_place_and_nothing_starts(surroundings: Surroundings, tmp_path: Path) -> None:
    config = configuration(surroundings, tmp_path)
    file = yaml.safe_load(config.read_text())
    config.write_text(
        yaml.safe_dump(file)
        .replace("127.41.0.1:0", "127.41.0.1:70000")
        .replace("sync-every: 100ms", "sync-evry: 100ms")
        .replace("san-uri", "san-url")
    )
    done = run_gateway("run", "--config", str(config))
    assert done.returncode == 2
    assert done.stdout == ""
    lines = [line.removeprefix(f"{config}:") for line in done.stderr.splitlines()]
    places = {line.split(": ", 1)[1]: line.split(": ")[0] for line in lines}
    assert sorted(places) == [
        "listen '127.41.0.1:70000': must be ADDRESS:PORT: a literal IP address (IPv6 in brackets), a port up to 65535",
        (
            "unknown from 'san-url' (did you mean 'san-uri'?); allowed: san-uri, san-dns, san-email, san-upn,"
            " subject-cn, subject-ou, subject-uid, subject-serial-number"
        ),
        (
            "unknown key 'sync-evry' (did you mean 'sync-every'?); allowed: uem, sync-every, max-age,"
            " longest-maintenance, live-on-stale, compliance, compromised-unknown, block-access, events"
        ),
    ]
    text = config.read_text().splitlines()
    for message, place in places.items():
        line, column = map(int, place.split(":"))
        assert text[line - 1][column - 1 :].startswith(message.split("'")[1])
    assert not (tmp_path / "decisions.jsonl").exists()


def _replace_key(directory: Path) -> None:
    Authority("Another").issue_server(["gateway"], []).write(directory, "other")
    (directory / "other.key").replace(directory / "gateway.key")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        pytest.param(lambda d: (d / "gateway.key").unlink(), "gateway.key: No such file or directory", id="no-key"),
        pytest.param(lambda d: (d / "gateway.key").chmod(0o644), "run: chmod 600", id="key-others-can-read"),
        pytest.param(_replace_key, "is not the key of", id="key-of-another-certificate"),
        pytest.param(
            lambda d: write_private(d / "gateway.key", b"junk"), "holds no private key in PEM form", id="no-pem-key"
        ),
        pytest.param(
            lambda d: write_private(d / "uem-ca.pem", b"junk"), "holds no certificate in PEM form", id="no-pem-ca"
        ),
        pytest.param(
            lambda d: (d / "uem-ca.pem").write_bytes((d / "gateway.pem").read_bytes()),
            "is no authority's certificate",
            id="ca-that-is-none",
        ),
        pytest.param(lambda d: (d / "uem.secret").chmod(0o640), "can be read by others", id="secret-others-can-read"),
        pytest.param(lambda d: write_private(d / "tenant.code", b""), "is empty", id="empty-secret"),
        pytest.param(
            lambda d: (d / "rules.yaml").write_text("version: 1\nname: x\nmode: per-app\ndefault: bypas\nrules: []\n"),
            "rules.yaml:4:10: unknown default 'bypas' (did you mean 'bypass'?)",
            id="mistake-in-the-rules",
        ),
        pytest.param(
            lambda d: (d / "ready.json").mkdir(), "ready.json: Is a directory", id="ready-file-is-a-directory"
        ),
        pytest.param(
            lambda d: (d / "state.sqlite").write_text("junk"), "is damaged, or no database", id="state-that-is-none"
        ),
        pytest.param(
            lambda d: (d / "decisions.jsonl").mkdir(), "decisions.jsonl: Is a directory", id="log-that-is-a-directory"
        ),
    ],
)
def test_files_that_cannot_be_used(
    surroundings: Surroundings, tmp_path: Path, spoil: Callable[[Path], Any], message: str
) -> None:
    config = configuration(surroundings, tmp_path)
    spoil(tmp_path)
    done = call_gateway("run", "--config", str(config))
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert str(tmp_path) in done.stderr.split(": ")[0]


def test_all_unusable_files_are_named_at_once(surroundings: Surroundings, tmp_path: Path) -> None:
    config = configuration(surroundings, tmp_path)
    for name in ("gateway.key", "uem-ca.pem", "uem.secret", "rules.yaml", "admin.token"):
        (tmp_path / name).unlink()
    done = run_gateway("run", "--config", str(config))
    assert done.returncode == 2
    for name in ("gateway.key", "uem-ca.pem", "uem.secret", "rules.yaml", "admin.token"):
        assert name in done.stderr
    assert len(done.stderr.splitlines()) == 5


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(lambda port: {"listen": f"127.41.0.1:{port}"}, id="listen"),
        pytest.param(lambda port: {"admin": {"listen": f"127.0.0.1:{port}", "token-file": "admin.token"}}, id="admin"),
    ],
)
def test_port_in_use(surroundings: Surroundings, tmp_path: Path, changes: Callable[[int], dict[str, Any]]) -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:
        port = taken.getsockname()[1]
        config = configuration(surroundings, tmp_path, **changes(port))
        done = run_gateway("run", "--config", str(config))
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.strip().endswith(f":{port}: Address already in use")
    assert "Traceback" not in done.stderr


def test_egress_address_that_is_not_this_machines(surroundings: Surroundings, tmp_path: Path) -> None:
    config = configuration(surroundings, tmp_path, egress=["203.0.113.7"])
    done = run_gateway("run", "--config", str(config))
    assert done.returncode == 3
    assert "egress address 203.0.113.7 cannot be used on this machine" in done.stderr


def test_interrupt_ends_everything_and_cuts_tunnels(start: Start, surroundings: Surroundings) -> None:
    surroundings.enrol()
    gateway = start()
    answer = gateway.connect(surroundings.device_certificate())
    assert answer.status == 200
    gateway.tcp()  # a client that has not said anything must not hold the gateway up
    code, errors, seconds = gateway.stop()
    assert code == 0, errors
    assert seconds < 10
    assert "Traceback" not in errors
    with pytest.raises(ConnectionResetError):
        os.read(answer.connection.fileno(), 1)  # the ssl module would make an end of it
    ends = {line["event"]: line["reason"] for line in gateway.decisions()}
    assert ends["end"] == "cut-by-shutdown"
    assert ends["refused-before-connect"] == "shutting-down"
    left = {path.name for path in gateway.directory.iterdir()}
    assert "ready.json" not in left
    assert not {name for name in left if name.startswith(".")}


def test_files_it_writes_are_the_owners_alone(start: Start, surroundings: Surroundings) -> None:
    gateway = start()
    gateway.connect(None)
    for name in ("decisions.jsonl", "ready.json"):
        assert stat.S_IMODE((gateway.directory / name).stat().st_mode) == 0o600


def test_secrets_are_never_shown(start: Start, surroundings: Surroundings) -> None:
    surroundings.enrol()
    gateway = start()
    gateway.connect(surroundings.device_certificate())
    shown = httpx.get(f"{gateway.admin}/status", headers=ADMIN).text + json.dumps(gateway.decisions())
    _, errors, _ = gateway.stop()
    known = surroundings.tenant.secrets
    for secret in (known.client_secret, known.tenant_code, ADMIN_TOKEN):
        assert secret not in shown + errors


# --- status ---


def test_status_of_a_running_gateway(start: Start, surroundings: Surroundings) -> None:
    surroundings.enrol()
    gateway = start()
    done = run_gateway("status", "--config", str(gateway.config), "--json")
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    assert answer["posture"]["devices"] == 1
    assert answer["rules"]["name"] == "login"
    people = run_gateway("status", "--config", str(gateway.config))
    assert "fresh, revision" in people.stdout


def test_status_of_a_gateway_that_does_not_run(surroundings: Surroundings, tmp_path: Path) -> None:
    config = configuration(surroundings, tmp_path)
    done = run_gateway("status", "--config", str(config))
    assert (done.returncode, done.stdout) == (3, "")
    assert "no gateway runs with this configuration" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_process_is_left_where_its_parent_is_interrupted(surroundings: Surroundings, tmp_path: Path) -> None:
    process = launch(configuration(surroundings, tmp_path))
    wait_until(lambda: (tmp_path / "ready.json").exists())
    process.terminate()
    assert process.wait(timeout=10) == 0
    process.communicate()
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_host_is_shown_in_one_form(start: Start, surroundings: Surroundings) -> None:
    surroundings.enrol()
    gateway = start()
    gateway.connect(surroundings.device_certificate(), f"{HOST.upper()}.:443")
    assert gateway.decisions()[-1]["host"] == HOST


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"egress": ["0.0.0.0"]}, "must be one address of this machine", id="egress-everywhere"),
        pytest.param({"egress": ["::ffff:127.42.0.10"]}, "must be one address of this machine", id="egress-mapped"),
        pytest.param({"egress": ["127.42.0.10"] * 2}, "127.42.0.10 stands here twice", id="egress-twice"),
        pytest.param({"connect-to": {"acme_x.com:443": "127.40.0.10:1"}}, "the host contains '_'", id="no-host"),
        pytest.param({"connect-to": {"acme.okta.com:443": "127.40.0.10:0"}}, "a port from 1 to 65535", id="port-0"),
        pytest.param({"ready-file": "no/ready.json"}, "No such file or directory", id="ready-file-nowhere"),
        pytest.param({"name": "a name"}, "must be letters, digits and hyphens", id="name"),
        pytest.param({"admin": {"listen": "192.0.2.1:1", "token-file": "admin.token"}}, "loopback", id="admin-outside"),
        pytest.param({"tls": {"certificate": "", "key": "gateway.key"}}, "must be the path of a file", id="no-path"),
        pytest.param({"rules": "."}, "cannot read this file: Is a directory", id="rules-directory"),
    ],
)
def test_values_that_cannot_be_meant(
    surroundings: Surroundings, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    done = call_gateway("run", "--config", str(configuration(surroundings, tmp_path, **changes)))
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_second_gateway_leaves_the_first_ones_ready_file_alone(start: Start, tmp_path: Path) -> None:
    gateway = start(fresh=False)
    before = (tmp_path / "ready.json").read_text()
    port = gateway.admin.rpartition(":")[2]
    other = tmp_path / "other.yaml"
    other.write_text(gateway.config.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))
    done = run_gateway("run", "--config", str(other))
    assert done.returncode == 3
    assert (tmp_path / "ready.json").read_text() == before


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"admin": "http://192.0.2.1:80"}', "junk"])
def test_status_with_a_ready_file_of_somebody_else(surroundings: Surroundings, tmp_path: Path, content: str) -> None:
    config = configuration(surroundings, tmp_path)
    (tmp_path / "ready.json").write_text(content)
    done = call_gateway("status", "--config", str(config))
    assert (done.returncode, done.stdout) == (3, "")
    assert "Traceback" not in done.stderr


def test_pools_are_held_against_each_other_and_against_the_rules(surroundings: Surroundings, tmp_path: Path) -> None:
    pools = {
        "default": {"addresses": ["127.42.0.20"]},
        "login": {"addresses": ["127.42.0.10"], "rules": ["identity-provider"]},
        "twice": {"addresses": ["127.42.0.21"], "rules": ["mail"]},
        "again": {"addresses": ["127.42.0.22"], "rules": ["mail"]},
        "outside": {"addresses": ["127.42.0.23"], "in-zone": False, "rules": ["identity-providers"]},
    }
    done = run_gateway("run", "--config", str(configuration(surroundings, tmp_path, pools=pools)))
    assert (done.returncode, done.stdout) == (2, "")
    said = sorted(line.split(": ", 1)[1] for line in done.stderr.splitlines())
    assert said == [
        "'egress' is the pool 'default' already; name this one otherwise",
        "'egress' serves all rules that no pool names already; name this pool's rules",
        "another pool serves the rule 'mail' already",
        "no rule is named 'identity-provider' (did you mean 'identity-providers'?)",
        "the egress address 127.42.0.10 stands here twice",
        "the rule 'identity-providers' does not bypass; tunnels leave from the zone's addresses",
    ]
