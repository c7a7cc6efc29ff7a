"""The verbs of operators against a gateway that runs: on a Unix socket, with a log that rotates."""

from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from running_gateway import HOST, PHONE, Operated, started, surrounded
from starlette.applications import Starlette
from typer.testing import CliRunner

from tunnel_gateway.admin import AdminServer
from tunnel_gateway.cli import app

SMALL = {"file": "decisions.jsonl", "rotate-at": "4KB", "keep": 20}


@pytest.fixture(scope="module")
def operated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operated]:
    directory = tmp_path_factory.mktemp("gateway")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(directory / "admin.sock"))
    with surrounded() as around:
        around.enrol()
        gateway = started(around, directory, admin={"socket": "admin.sock"}, sni="off", **{"decision-log": SMALL})
        try:
            with gateway.operator() as operator:
                yield Operated(gateway, around.device_certificate(), operator)
        finally:
            gateway.close()


def _ask(operated: Operated, verb: str, *arguments: str) -> Result:
    return _invoke(verb, operated.gateway.config, *arguments)


def _invoke(verb: str, config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [verb, "--config", str(config), *arguments])


def test_unix_socket_is_its_owners_replaces_a_dead_one_and_gives_way_to_none(operated: Operated) -> None:
    path = operated.gateway.directory / "admin.sock"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(OSError, match="Address already in use"):
        AdminServer(Starlette(), path)
    assert operated.operator.get("/status", headers={"Origin": "https://evil.example"}).status_code == 403
    assert _ask(operated, "status").exit_code == 0


def test_status_says_what_was_admitted_and_refused(operated: Operated) -> None:
    tunnel = operated.gateway.connect(operated.phone)
    operated.gateway.connect(operated.phone, "elsewhere.example:443")
    done = _ask(operated, "status")
    assert done.exit_code == 0
    shown = dict(line.strip().split(None, 1) for line in done.stdout.splitlines())
    assert shown["ready"] == "yes"
    assert shown["posture"].startswith("fresh, revision ")
    assert "rule 1" in shown["admitted"]
    assert "go-direct 1" in shown["refused"]
    assert "127.42.0.1" in done.stdout
    tunnel.connection.close()


def test_status_watches_until_it_is_interrupted(operated: Operated) -> None:
    command = [sys.executable, "-m", "tunnel_gateway", "status", "--config", str(operated.gateway.config)]
    with subprocess.Popen(
        [*command, "--watch", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        looks = [json.loads(process.stdout.readline()) for _ in range(2)]
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
    assert [each["ready"] for each in looks] == [True, True]
    assert (process.returncode, errors) == (130, "")


def test_tunnels_are_listed_and_cut(operated: Operated) -> None:
    tunnel = operated.gateway.connect(operated.phone, app="[red]app[/red]")
    listed = _ask(operated, "tunnels", "--device", PHONE)
    assert listed.exit_code == 0
    assert "[red]app[/red]" in listed.stdout, "a name is no markup"
    (found,) = json.loads(_ask(operated, "tunnels", "--json").stdout)["tunnels"]
    assert (found["device"], found["host"]) == (PHONE, HOST)
    everything = _ask(operated, "tunnels", "--cut")
    assert (everything.exit_code, everything.stdout) == (2, "")
    done = _ask(operated, "tunnels", "--cut", "--id", found["id"])
    assert (done.exit_code, done.stdout) == (0, "1 tunnel cut\n")
    again = _ask(operated, "tunnels", "--cut", "--id", found["id"], "--json")
    assert (again.exit_code, json.loads(again.stdout)) == (1, {"v": 1, "cut": 0})
    tunnel.connection.close()


def test_decisions_of_all_rotated_files_are_filtered(operated: Operated) -> None:
    for number in range(9):
        operated.gateway.connect(operated.phone, f"h{number}.rotated.example:443")
    rotated = list(operated.gateway.directory.glob("decisions.jsonl.*"))
    assert rotated
    done = _ask(operated, "decisions", "--host", "*.rotated.example", "--json")
    assert [json.loads(line)["host"] for line in done.stdout.splitlines()] == [
        f"h{number}.rotated.example" for number in range(9)
    ]
    people = _ask(operated, "decisions", "--refused", "--reason", "go-direct", "--last", "2")
    assert [line.split()[1:3] for line in people.stdout.splitlines()] == [["refused", "go-direct"]] * 2
    assert "h8.rotated.example:443" in people.stdout


def test_decisions_are_followed_through_a_rotation(operated: Operated) -> None:
    command = [sys.executable, "-m", "tunnel_gateway", "decisions", "--config", str(operated.gateway.config)]
    with subprocess.Popen(
        [*command, "--follow", "--json", "--host", "*.followed.example", "--last", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        seen = []
        for number in range(12):
            operated.gateway.connect(operated.phone, f"h{number}.followed.example:443")
            seen.append(json.loads(process.stdout.readline())["host"])
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
    assert seen == [f"h{number}.followed.example" for number in range(12)]
    assert (process.returncode, errors) == (130, "")


def test_names_of_a_log_are_no_terminal_codes(tmp_path: Path, operated: Operated) -> None:
    operated.gateway.connect(operated.phone, "elsewhere.example:443")
    (tmp_path / "gateway.yaml").write_text(operated.gateway.config.read_text())
    line = json.loads((operated.gateway.directory / "decisions.jsonl").read_text().splitlines()[-1])
    line["host"] = "\x1b[31mevil\u202e[red]"
    (tmp_path / "decisions.jsonl").write_text(json.dumps(line) + "\n")
    done = _invoke("decisions", tmp_path / "gateway.yaml")
    assert done.exit_code == 0
    assert "\\x1b[31mevil\\u202e[red]" in done.stdout
    (tmp_path / "decisions.jsonl").write_text("junk\n")
    done = _invoke("decisions", tmp_path / "gateway.yaml")
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"{tmp_path / 'decisions.jsonl'}:1:1: not a decision record" in done.stderr


@pytest.mark.parametrize("verb", ["status", "tunnels", "decisions"])
def test_gateway_that_never_ran(operated: Operated, tmp_path: Path, verb: str) -> None:
    (tmp_path / "gateway.yaml").write_text(operated.gateway.config.read_text())
    done = _invoke(verb, tmp_path / "gateway.yaml")
    assert (done.exit_code, done.stdout) == (3, "")
    assert "No such file or directory" in done.stderr or "is not there" in done.stderr
    assert isinstance(done.exception, SystemExit)
