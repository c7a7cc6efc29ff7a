"""Sources beside the list and the gateway: commands, DNS, Okta's System Log; and the services that only confirm."""

from __future__ import annotations

import http.server
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from zone_worlds import THERE, ZoneWorld, run, zone_world

from lab.okta import acme
from lab.okta.system_log import Origin, Party
from lab.okta.user_agents import read_user_agent
from okta_zones.addresses import parse_addresses
from okta_zones.errors import UnreachableError
from okta_zones.sources.command import Command
from okta_zones.sources.names import Names


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoneWorld]:
    with zone_world(tmp_path, monkeypatch) as made:
        yield made


# --- a command -----------------------------------------------------------------------------------------------------


def python(program: str, **more: Any) -> Command:
    return Command((sys.executable, "-S", "-c", program), **more)


def test_a_command_says_the_addresses() -> None:
    report = python("print('203.0.113.10\\n203.0.113.11')").report()
    assert report.addresses == parse_addresses("203.0.113.10/31")


def test_a_commands_words_are_read_as_terraforms_too() -> None:
    program = 'print(\'{"egress": {"value": ["203.0.113.10"]}, "other": {"value": ["192.0.2.1"]}}\')'
    assert python(program, output="egress").report().addresses == parse_addresses("203.0.113.10")


def test_a_commands_arguments_are_no_shells() -> None:
    assert Command(("/bin/echo", "203.0.113.10 # $(id)")).report().addresses == parse_addresses("203.0.113.10")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (Command(("/no/such/program",)), "cannot be started: No such file"),
        (python("import sys; sys.exit('no \\x1b[31mcredentials')"), "ended with code 1: no \x1b[31mcredentials"),
        (python("print('203.0.113.10'); raise SystemExit(3)"), "ended with code 3"),
        (python("print('hello')"), "said something else: line 1: 'hello' is not an IP address"),
        (python("while True: print('203.0.113.10')"), "said more than 1 MiB"),
        (python("import time; print(1, flush=True); time.sleep(60)", timeout=0.5), "took longer than"),
        (python("import os; os.close(1); os.close(2); import time; time.sleep(60)", timeout=0.5), "took longer than"),
    ],
    ids=[
        "not there",
        "fails with words",
        "fails after all",
        "something else",
        "without end",
        "slow",
        "slow in silence",
    ],
)
def test_a_command_that_is_no_source(command: Command, words: str) -> None:
    with pytest.raises(UnreachableError, match=words.replace("[", r"\[")):
        command.report()


def test_what_a_command_started_ends_with_it(tmp_path: Path) -> None:
    child = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    program = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-S', '-c', {child!r}]); time.sleep(60)"
    with pytest.raises(UnreachableError, match="took longer"):
        python(program, timeout=1.5).report()
    pid = int((tmp_path / "pid").read_text())
    end = time.monotonic() + 5
    while (
        time.monotonic() < end and Path(f"/proc/{pid}").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text()
    ):
        os.sched_yield()
    assert not Path(f"/proc/{pid}").exists() or " Z " in Path(f"/proc/{pid}/stat").read_text()


# --- DNS -----------------------------------------------------------------------------------------------------------


def test_a_name_says_its_addresses_of_both_versions() -> None:
    answers = [(socket.AF_INET, 0, 0, "", ("203.0.113.10", 0)), (socket.AF_INET6, 0, 0, "", ("2001:db8::1", 0, 0, 0))]
    assert (
        str(Names(("egress.example",), resolve=lambda name: answers).report().addresses) == "203.0.113.10, 2001:db8::1"
    )
    assert str(Names(("localhost",)).report().addresses).startswith("127.0.0.1")


def test_a_name_without_an_address_and_one_without_an_answer() -> None:
    with pytest.raises(UnreachableError, match=r"no-such-name\.invalid: "):
        Names(("localhost", "no-such-name.invalid")).report()
    never = threading.Event()
    with pytest.raises(UnreachableError, match="no answer for slow"):
        Names(("slow.example",), patience=0.1, resolve=lambda name: [never.wait(5)]).report()
    never.set()


# --- Okta's System Log ---------------------------------------------------------------------------------------------


def sign_in(world: ZoneWorld, login: str, address: str, outcome: str = "SUCCESS") -> None:
    origin = Origin(address, (address,), None, read_user_agent("a browser"), "/", "request")
    world.org.log.add("user.session.start", origin, actor=Party("00u1", "User", login, login), outcome=outcome)


def test_the_address_that_okta_recorded_for_a_test_user(world: ZoneWorld) -> None:
    path = world.configure(sources=f"{{okta-log: {{target: okta, user: {acme.LOGIN}}}}}")
    nobody = run("apply", "--config", path)
    assert nobody.exit_code == 3
    assert f"no sign-in of {acme.LOGIN} in the last 7 days" in nobody.stderr
    sign_in(world, acme.LOGIN, "127.42.0.20")
    sign_in(world, acme.LOGIN, "127.42.0.21")
    sign_in(world, "somebody@else.example", "127.42.0.22")
    sign_in(world, acme.LOGIN, "192.0.2.7", outcome="FAILURE")  # anybody can type a login
    result = run("apply", "--config", path)
    assert result.exit_code == 0, result.output
    assert world.gateways() == [*THERE, "127.42.0.21-127.42.0.21"]


def test_a_sign_in_from_elsewhere_is_no_egress_address(world: ZoneWorld) -> None:
    path = world.configure(sources=f"{{okta-log: {{target: okta, user: {acme.LOGIN}}}}}")
    sign_in(world, acme.LOGIN, "192.0.2.7")
    result = run("apply", "--config", path)
    assert result.exit_code == 1
    assert "address-not-owned: the System Log of okta" in result.stderr
    assert world.zone_events() == []


# --- services that confirm -----------------------------------------------------------------------------------------


@pytest.fixture
def echoes() -> Iterator[Any]:
    """Two services on loopback that say from where they are asked; `.says` replaces an address by another."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen = self.client_address[0]
            body = says.get(self.path, {}).get(seen, seen).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    says: dict[str, dict[str, str]] = {}
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.says = says  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_services_confirm_an_address_show_nat_and_introduce_none(world: ZoneWorld, echoes: Any) -> None:
    base = f"http://127.0.0.1:{echoes.server_port}"
    echoes.says["/a"] = {"127.42.0.11": "198.51.100.9", "127.42.0.12": "198.51.100.1"}
    echoes.says["/b"] = {"127.42.0.11": "198.51.100.9", "127.42.0.13": "<html>"}
    path = world.configure(sources=f'{{addresses: [127.42.0.10-127.42.0.13], confirm-with: ["{base}/a", "{base}/b"]}}')
    result = run("apply", "--config", path)
    assert result.exit_code == 0, result.output
    for line in (
        "127.42.0.10 is confirmed",
        "127.42.0.11 is behind NAT: the internet sees 198.51.100.9",
        "127.42.0.12 is not agreed on",
        "127.42.0.13 is not agreed on",
    ):
        assert line in result.stdout
    assert world.gateways() == [*THERE, "127.42.0.10-127.42.0.13"]


def test_an_address_of_another_machine_is_not_asked_about(world: ZoneWorld, echoes: Any) -> None:
    base = f"http://127.0.0.1:{echoes.server_port}"
    path = world.configure(sources=f'{{addresses: [203.0.113.10], confirm-with: ["{base}/a", "{base}/b"]}}')
    path.write_text(path.read_text().replace("[127.42.0.0/24]", "[203.0.113.0/24]"))
    assert "203.0.113.10 is not of this machine" in run("plan", "--config", path).stdout
