"""The command line, against the lab's Okta over real HTTPS: what it prints, what it writes, how it ends."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from zone_worlds import ADMIN_TOKEN, THERE, run, zone_world
from zone_worlds import ZoneWorld as World

from lab.authority import Authority
from lab.okta import acme


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with zone_world(tmp_path, monkeypatch) as made:
        yield made


def test_plan_shows_the_difference_and_writes_nothing(world: World) -> None:
    result = run("plan", "--config", world.configure())
    assert result.exit_code == 0
    shown = [line.strip() for line in result.stdout.splitlines()]
    zone = world.org.zones.named(acme.ZONE_NAME)
    assert f'okta: network zone "Tunnel egress" at {world.url} ({zone.id})' in shown
    assert "would change" in shown
    assert "+ 127.42.0.10-127.42.0.11" in shown
    assert f"{acme.OLD_ADDRESS}-{acme.OLD_ADDRESS}  not ours: not written by okta-zones" in shown
    assert f"{acme.FOREIGN_RANGE}  not ours: not written by okta-zones" in shown
    assert world.zone_events() == []


def test_apply_writes_once_and_a_second_apply_not_at_all(world: World) -> None:
    path = world.configure()
    first, second = run("apply", "--config", path), run("apply", "--config", path)
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "changed and read back" in first.stdout
    assert "nothing to do, nothing written" in second.stdout
    assert world.gateways() == [*THERE, "127.42.0.10-127.42.0.11"]
    assert world.zone_events() == ["zone.update"]


def test_a_zone_behind_many_others_is_found(world: World) -> None:
    entry = {"type": "CIDR", "value": "192.0.2.0/24"}
    for number in range(45):
        world.org.zones.create({"type": "IP", "name": f"Office {number}", "gateways": [entry]})
    world.org.zones.create({"type": "IP", "name": "Last", "gateways": [entry], "proxies": [entry]})
    path = world.configure(more=world.target("last", "Last"))
    assert run("apply", "--config", path).exit_code == 0
    assert world.gateways("Last") == ["192.0.2.0/24", "127.42.0.10-127.42.0.11"]
    assert world.org.zones.named("Last").details["proxies"] == [entry]


def test_an_absent_zone_is_created(world: World) -> None:
    path = world.configure(more=world.target("new", "Brand new"))
    assert "would be created" in run("plan", "--config", path).stdout
    result = run("apply", "--config", path)
    assert result.exit_code == 0
    assert "created and read back" in result.stdout
    assert world.gateways("Brand new") == ["127.42.0.10-127.42.0.11"]


def test_json_is_one_document_and_nothing_else(world: World) -> None:
    result = run("apply", "--config", world.configure(), "--json")
    document = json.loads(result.stdout)
    zone = world.org.zones.named(acme.ZONE_NAME)
    (target,) = document["targets"]
    assert {key: document[key] for key in ("v", "verb", "desired", "error")} == {
        "v": 1,
        "verb": "apply",
        "desired": ["127.42.0.10-127.42.0.11"],
        "error": None,
    }
    assert {key: target[key] for key in ("id", "action", "outcome", "add", "remove", "keep", "error")} == {
        "id": zone.id,
        "action": "update",
        "outcome": "written",
        "add": ["127.42.0.10-127.42.0.11"],
        "remove": [],
        "keep": [],
        "error": None,
    }
    assert target["not_ours"] == [
        {"entry": {"type": "RANGE", "value": THERE[0]}, "why": "not written by okta-zones"},
        {"entry": {"type": "CIDR", "value": THERE[1]}, "why": "not written by okta-zones"},
    ]
    assert result.stderr == ""


def test_an_address_that_is_not_ours_is_refused(world: World) -> None:
    path = world.configure(sources="{addresses: [127.42.0.10, 8.8.8.8]}")
    result = run("apply", "--config", path)
    assert result.exit_code == 1
    assert "address-not-owned: the list in the file reported 8.8.8.8" in result.stderr
    assert world.zone_events() == []
    document = json.loads(run("apply", "--config", path, "--json").stdout)
    assert document["error"]["reason"] == "address-not-owned"


def test_a_target_that_cannot_be_planned_keeps_all_others_from_being_written(world: World) -> None:
    path = world.configure(more=world.target("blocked", "BlockedIpZone"))
    result = run("apply", "--config", path)
    assert result.exit_code == 1
    assert "refused: system-zone: " in result.stdout
    assert "not changed, because of the others" in result.stdout
    assert world.zone_events() == []


def test_a_token_that_okta_does_not_know(world: World) -> None:
    (world.directory / "okta.token").write_text("another-token")
    result = run("plan", "--config", world.configure())
    assert result.exit_code == 3
    assert "E0000011 Invalid token provided" in result.stdout
    assert "another-token" not in result.output


def test_a_certificate_that_nobody_trusts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (world.directory / "other.pem").write_bytes(Authority("Another CA").certificate_pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(world.directory / "other.pem"))
    result = run("plan", "--config", world.configure())
    assert result.exit_code == 3
    assert "is not trusted" in result.stdout
    assert "SSL_CERT_FILE" in result.stdout


def test_authorities_that_cannot_be_loaded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(world.directory / "okta.token"))
    result = run("plan", "--config", world.configure())
    assert result.exit_code == 2
    assert "cannot load certificate authorities" in result.stderr


def test_a_file_with_mistakes(world: World) -> None:
    path = world.configure()
    path.write_text(path.read_text().replace("kind: okta", "kind: octa").replace("version: 1", "version: 1\nx: 1"))
    result = run("plan", "--config", path)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == [f"{path}:2:1", f"{path}:8:22"]


def test_a_secret_that_others_can_read(world: World) -> None:
    (world.directory / "okta.token").chmod(0o644)
    result = run("apply", "--config", world.configure())
    assert result.exit_code == 2
    assert "can be read by others (mode 0644)" in result.stderr


def test_names_from_outside_are_data(world: World) -> None:
    world.org.zones.create(
        {"type": "IP", "name": "[red]x[/red] z", "gateways": [{"type": "CIDR", "value": "192.0.2.0/24"}]}
    )
    path = world.configure(more=world.target("odd", "[red]x[/red] z"))
    result = run("plan", "--config", path)
    assert result.exit_code == 0
    assert 'network zone "[red]x[/red] z"' in result.stdout


@pytest.mark.parametrize(
    "arguments", [["plan"], ["apply", "--config"], ["adopt"], ["plan", "--config", "x", "--token", "y"]]
)
def test_wrong_usage(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_help_says_at_once_that_entra_is_written_too() -> None:
    result = run("--help")
    assert result.exit_code == 0
    assert "Entra" in result.stdout.splitlines()[2]


# --- the gateway as a source ---------------------------------------------------------------------------------------


def pools(*active: str, **other: str) -> dict[str, Any]:
    """A gateway's answer: `active` addresses of its pool, and others by their states."""
    states = [(address, "active") for address in active] + [(address, state) for state, address in other.items()]
    addresses = [{"address": address, "state": state, "tunnels": 0} for address, state in states]
    pool = {"name": "default", "in-zone": True, "addresses": addresses}
    inner = {"name": "updates", "in-zone": False, "addresses": [{"address": "10.0.0.1", "state": "active"}]}
    return {"v": 1, "gateway": "lab-gateway", "pools": [pool, inner]}


@pytest.fixture
def admin(world: World) -> Iterator[Any]:
    """A gateway's admin endpoint on loopback; `.answer` is what it reports."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers["Authorization"] == f"Bearer {ADMIN_TOKEN}"
            here = self.path == server.path  # type: ignore[attr-defined]
            body = json.dumps(server.answer).encode() if known and here else b""  # type: ignore[attr-defined]
            self.send_response((200 if here else 404) if known else 401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.path = "/egress"  # type: ignore[attr-defined]
        server.answer = pools("127.42.0.10", "127.42.0.11")  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def sources(admin: Any) -> str:
    return f'{{gateway: {{admin: "http://127.0.0.1:{admin.server_port}", token-file: admin.token}}}}'


def test_the_gateway_says_where_it_leaves_from(world: World, admin: Any) -> None:
    result = run("apply", "--config", world.configure(sources=sources(admin)))
    assert result.exit_code == 0
    assert "the gateway lab-gateway at http://127.0.0.1" in result.stdout
    assert world.gateways() == [*THERE, "127.42.0.10-127.42.0.11"]


def test_a_proxy_of_the_environment_never_sees_the_gateways_token(
    world: World, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert run("plan", "--config", world.configure(sources=sources(admin))).exit_code == 0


def test_draining_addresses_belong_into_the_zone_and_disabled_ones_do_not(world: World, admin: Any) -> None:
    admin.answer = pools("127.42.0.10", draining="127.42.0.12", disabled="127.42.0.14")
    assert run("apply", "--config", world.configure(sources=sources(admin))).exit_code == 0
    assert world.gateways() == [*THERE, "127.42.0.10-127.42.0.10", "127.42.0.12-127.42.0.12"]


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (pools(), 1, "source-empty"),
        (pools("127.42.0.10", "192.0.2.1"), 1, "address-not-owned"),
        ({**pools("127.42.0.10"), "v": 2}, 3, "does not answer as a tunnel-gateway"),
        (pools("somewhere"), 3, "is not an IP address"),
        (pools("127.42.0.10", broken="127.42.0.11"), 3, "does not answer as a tunnel-gateway"),
        ([], 3, "does not answer as a tunnel-gateway"),
    ],
    ids=["no address", "a stranger", "another version", "no addresses at all", "an unknown state", "something else"],
)
def test_reports_that_change_nothing(world: World, admin: Any, answer: object, code: int, words: str) -> None:
    admin.answer = answer
    result = run("apply", "--config", world.configure(sources=sources(admin)))
    assert result.exit_code == code
    assert words in result.stderr
    assert world.zone_events() == []


def test_a_gateway_that_does_not_know_the_token(world: World, admin: Any) -> None:
    (world.directory / "admin.token").write_text("another-token")
    result = run("apply", "--config", world.configure(sources=sources(admin)))
    assert result.exit_code == 3
    assert "answered 401" in result.stderr


def test_a_source_that_fails_or_reports_less_freezes_removals_and_says_so(world: World, admin: Any) -> None:
    both = f"{{addresses: [127.42.0.10], gateway: {sources(admin)[10:]}"
    path = world.configure(sources=both)
    admin.answer = pools("127.42.0.11", "127.42.0.12")
    assert run("apply", "--config", path).exit_code == 0
    written = world.gateways()

    admin.answer = pools("127.42.0.12")
    less = run("apply", "--config", path)
    assert less.exit_code == 0
    assert "no longer reports 127.42.0.11, as it did until" in less.stdout
    assert "= 127.42.0.11  no source reports it" in less.stdout
    assert world.gateways() == written

    admin.answer = "down"
    down = run("apply", "--config", path, "--remove", "127.42.0.11")
    assert down.exit_code == 3
    assert "gives no answer" in down.stdout
    assert "removes nothing: the gateway at http://127.0.0.1" in down.stdout
    assert world.gateways() == written

    admin.answer = pools("127.42.0.12")
    gone = run("apply", "--config", path, "--remove", "127.42.0.11")
    assert gone.exit_code == 0
    assert world.gateways() == [*THERE, "127.42.0.10-127.42.0.10", "127.42.0.12-127.42.0.12"]
    assert "no longer reports" not in run("plan", "--config", path).stdout


def test_an_address_in_use_is_not_removed(world: World) -> None:
    path = world.configure()
    run("apply", "--config", path)
    result = run("apply", "--config", path, "--remove", "127.42.0.10")
    assert result.exit_code == 1
    assert (
        "still-reported: 127.42.0.10 is to be removed and is reported by the list in the file; take it out"
        in result.stderr
    )


def test_what_is_ours_nowhere_is_not_removed(world: World) -> None:
    result = run("apply", "--config", world.configure(), "--remove", acme.OLD_ADDRESS)
    assert result.exit_code == 1
    assert f"not-ours: {acme.OLD_ADDRESS} is to be removed and is in no entry of ours" in result.stderr
    assert world.zone_events() == []


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("127.42.0.10\n# the second one\n127.42.0.11  # here\n", ()),
        ('["127.42.0.10", "127.42.0.11"]', ()),
        ('{"egress": {"sensitive": false, "value": ["127.42.0.10/31"]}, "region": {"value": "eu"}}', ()),
        (
            '{"egress": {"value": ["127.42.0.10/31"]}, "bastion": {"value": "192.0.2.9"}}',
            ("--terraform-output", "egress"),
        ),
    ],
    ids=["plain lines", "JSON", "terraform output", "one output of terraform"],
)
def test_addresses_from_a_file_and_from_standard_input(world: World, text: str, more: tuple[str, ...]) -> None:
    path = world.configure(sources="{}")
    (world.directory / "egress").write_text(text)
    for name, given in ((str(world.directory / "egress"), ""), ("-", text)):
        result = run("plan", "--config", path, "--addresses", name, *more, given=given)
        assert result.exit_code == 0, result.output
        assert "+ 127.42.0.10-127.42.0.11" in result.stdout


@pytest.mark.parametrize(
    ("text", "more", "words"),
    [
        ("127.42.0.10\nsomewhere\n", (), "line 2: 'somewhere' is not an IP address"),
        ('["127.42.0.10", 7]', (), "the list holds '7', which is no address"),
        ('{"egress": {"value": ["127.42.0.10", "x"]}}', (), "the output 'egress': 'x' is not"),
        ('{"egress": {"value": []}}', ("--terraform-output", "e"), "there is no output 'e'; there are: egress"),
        ("[", (), "this is no JSON"),
        ("[" * 100_000, (), "this is no JSON"),
        ("\xff\x00", (), "line 1"),
    ],
    ids=["a word", "a number", "a mixed output", "another output", "half a JSON", "a JSON too deep", "bytes"],
)
def test_a_file_of_addresses_that_cannot_be_used(world: World, text: str, more: tuple[str, ...], words: str) -> None:
    (world.directory / "egress").write_text(text)
    path = world.configure(sources="{}")
    result = run("plan", "--config", path, "--addresses", str(world.directory / "egress"), *more)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_without_any_source_nothing_can_be_said(world: World) -> None:
    result = run("plan", "--config", world.configure(sources="{}"))
    assert result.exit_code == 1
    assert "source-empty" in result.stderr


# --- as a process --------------------------------------------------------------------------------------------------


def test_as_a_process(world: World) -> None:
    command = [sys.executable, "-m", "okta_zones", "apply", "--config", str(world.configure()), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["targets"][0]["outcome"] == "written"
