"""`dtr replay`, as a person or a program runs it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from captures import client_hello, ethernet, quic_initials, tcp_talk, udp, write_pcap
from click.testing import Result
from typer.testing import CliRunner

from dtr_rules.cli import app
from dtr_rules.decision_log import DecisionRecord, Device

OTHER = "version: 1\nname: older\nmode: per-app\ndefault: bypass\nrules: []\n"
IOS = ("--platform", "ios")


def dtr(*arguments: object) -> Result:
    return CliRunner(env={"COLUMNS": "160"}).invoke(app, ["replay", *(str(each) for each in arguments)])


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    packets = [
        *tcp_talk([client_hello("acme.okta.com")], answer=b"x" * 1000),
        *tcp_talk([client_hello("www.example.com")], client_port=50001, server="198.51.100.1"),
        *tcp_talk([b"\0"], client_port=50002, server="203.0.113.8"),
        *map(udp, quic_initials("login.microsoftonline.com")),
    ]
    return write_pcap(tmp_path / "phone.pcap", ethernet(packets))


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "other.yaml"
    path.write_text(OTHER, encoding="utf-8")
    return path


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_the_table_says_where_it_went_and_what_decides(login_file: Path, capture: Path) -> None:
    ran = dtr(login_file, capture, *IOS)
    assert (ran.exit_code, ran.stderr) == (0, "")
    text = squeezed(ran.stdout)
    for part in (
        "phone.pcap: pcap, 14 packets, ",
        "rule set: okta-and-entra-login (per-app)",
        "tunnel 1 identity-providers acme.okta.com:443 1 1.79 kB",
        "bypass default action www.example.com:443 1 ",
        "tunnel 1 identity-providers 203.0.113.8:443 1 ",
        "UDP 443 (QUIC) to tunnelled hosts: once",
        "1 identity-providers login.microsoftonline.com:443/udp",
        "once nothing gave the address a name",
        "there are rules for certain apps",
    ):
        assert part in text


def test_against_another_set_it_shows_what_changes_and_exits_1(login_file: Path, capture: Path, other: Path) -> None:
    ran = dtr(login_file, capture, "--against", other, *IOS)
    assert (ran.exit_code, ran.stderr) == (1, "")
    assert "against: older (per-app)" in squeezed(ran.stdout)
    assert "Changed against the other set: 3 times" in ran.stdout
    assert "bypass (default action) tunnel (1 identity-providers) acme.okta.com:443" in squeezed(ran.stdout)
    same = dtr(login_file, capture, "--against", login_file, *IOS)
    assert same.exit_code == 0
    assert "Nothing in this traffic would be done otherwise" in same.stdout


def test_as_json_it_is_one_document(login_file: Path, capture: Path, other: Path) -> None:
    ran = dtr(login_file, capture, "--json", "--against", other, *IOS)
    assert (ran.exit_code, ran.stderr) == (1, "")
    document = json.loads(ran.stdout)
    assert (document["v"], document["against"]["name"]) == (1, "older")
    assert {row["host"] for row in document["changes"]} == {
        "acme.okta.com", "203.0.113.8", "login.microsoftonline.com",
    }  # fmt: skip
    assert document["captures"][0]["read"]["packets"] == 14


def test_a_decision_log_is_compared_with_itself(login_file: Path, tmp_path: Path) -> None:
    record = DecisionRecord(
        event="connect", decision_id="d", time="t", gateway="g", source="192.0.2.1:5", stage="decision", reason="rule",
        admitted=True, device=Device(platform="ios", claimed_app="com.a"), host="acme.okta.com", port=443,
        action="bypass", rule=None,
    )  # fmt: skip
    log = tmp_path / "decisions.jsonl"
    log.write_text(record.line(), encoding="ascii")
    ran = dtr(login_file, log)
    assert ran.exit_code == 1
    assert "Changed against what was recorded: once" in ran.stdout
    assert "bypass (no rule) tunnel (1 identity-providers) acme.okta.com:443" in squeezed(ran.stdout)


def test_a_mapping_says_which_client_is_what(login_file: Path, capture: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "apps.yaml"
    mapping.write_text("version: 1\napps: [{client: 192.0.2.0/24, platform: macos, app: com.a}]\n", encoding="utf-8")
    document = json.loads(dtr(login_file, capture, "--json", "--apps", mapping).stdout)
    (row,) = (each for each in document["destinations"] if each["host"] == "acme.okta.com")
    assert (row["platform"], row["app"], row["decision"]["rule"]) == ("macos", "com.a", "partner")


def test_without_a_platform_it_says_where_that_matters(login_file: Path, capture: Path) -> None:
    ran = dtr(login_file, capture)
    assert ran.exit_code == 0
    assert "not decided depends on the platform acme.okta.com:443" in squeezed(ran.stdout)
    assert "say it with --platform or --apps" in ran.stdout


def test_long_tables_are_cut_and_summed(login_file: Path, tmp_path: Path) -> None:
    packets = [
        packet
        for number in range(9)
        for packet in tcp_talk([client_hello(f"h{number}.example")], client_port=50_000 + number)
    ]
    ran = dtr(login_file, write_pcap(tmp_path / "c", ethernet(packets)), "--top", 2, *IOS)
    assert "and 7 more rows: 7 times" in ran.stdout


def test_a_damaged_capture_counts_as_far_as_it_goes(login_file: Path, capture: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(capture.read_bytes()[:-10])
    ran = dtr(login_file, cut, *IOS)
    assert ran.exit_code == 0
    assert ran.stderr == f"{cut}: after packet 14: the file ends within a packet, 1,232 of 1,242 bytes\n"
    assert "damaged or cut" in ran.stdout


def test_what_is_no_capture_exits_2_and_the_others_are_read(login_file: Path, capture: Path, tmp_path: Path) -> None:
    ran = dtr(login_file, tmp_path / "absent.pcap", capture, *IOS)
    assert ran.exit_code == 2
    assert "absent.pcap: cannot read this file: No such file" in ran.stderr
    assert "acme.okta.com:443" in ran.stdout


@pytest.mark.parametrize("wrong", ["--against", "--apps"])
def test_mistakes_in_the_other_files_are_shown(wrong: str, login_file: Path, capture: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("version: 2\n", encoding="utf-8")
    ran = dtr(login_file, capture, wrong, bad)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "bad.yaml:1:10: unknown version 2" in ran.stderr


def test_an_empty_app_is_no_app(login_file: Path, capture: Path) -> None:
    ran = dtr(login_file, capture, "--app", " ")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "is empty" in ran.stderr


def test_names_are_data(login_file: Path, tmp_path: Path) -> None:
    strange = tmp_path / "[red]\x1b[31m.pcap"
    strange.write_bytes(b"junk")
    ran = dtr(login_file, strange)
    assert "[red]\\x1b[31m.pcap: no capture" in ran.stderr
    assert "\x1b" not in ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("package", "start"),
    [("scapy", b"\xd4\xc3\xb2\xa1" + bytes(40)), ("ijson", b'{"log": {}}')],
    ids=["scapy", "ijson"],
)
def test_a_missing_package_is_named_with_what_to_install(
    package: str, start: bytes, login_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "c").write_bytes(start)
    code = f"import sys; sys.modules[{package!r}] = None; from dtr_rules.cli import main; main()"
    command = [sys.executable, "-c", code, "replay", str(login_file), str(tmp_path / "c")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert f"needs the package '{package}'" in ran.stderr
    assert "pip install 'tunnel-gateway[replay]'" in ran.stderr


def test_on_a_terminal_a_bar_stands_on_stderr_and_stdout_stays_clean(login_file: Path, capture: Path) -> None:
    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "dtr_rules", "replay", str(login_file), str(capture), "--json"]
    variables = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    ran = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=terminal, env=variables | {"TERM": "xterm"}, timeout=60, check=True
    )
    os.close(terminal)
    shown = os.read(controller, 65536).decode()
    os.close(controller)
    assert "phone.pcap" in shown
    assert json.loads(ran.stdout)["v"] == 1


def test_a_capture_can_come_from_a_pipe(login_file: Path, capture: Path) -> None:
    command = [sys.executable, "-m", "dtr_rules", "replay", str(login_file), "/dev/stdin", "--json", *IOS]
    ran = subprocess.run(command, input=capture.read_bytes(), capture_output=True, timeout=60, check=True)
    assert json.loads(ran.stdout)["captures"][0]["complete"] is True
