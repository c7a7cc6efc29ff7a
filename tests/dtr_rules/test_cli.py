"""`dtr` as a person and as a program use it: what it prints where, and how it exits."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dtr_rules.cli import app

PROGRAM = [sys.executable, "-m", "dtr_rules"]
BAD = "version: 1\nname: s\nmode: per-app\ndefault: tunel\nrules: []\n"


def dtr(*arguments: object, env: dict[str, str] | None = None) -> Result:
    return CliRunner(env={"COLUMNS": "160", **(env or {})}).invoke(app, [str(each) for each in arguments])


def process(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [*PROGRAM, *(str(each) for each in arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def bad_file(tmp_path: Path) -> Path:
    path = tmp_path / "bad.yaml"
    path.write_text(BAD, encoding="utf-8")
    return path


# --- check ---------------------------------------------------------------------------------------------------


def test_check_says_what_a_good_file_holds(login_file: Path) -> None:
    ran = process("check", login_file)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"{login_file.name}: ok" in ran.stdout
    assert "3 rules, 6 destinations, 1 test" in ran.stdout


def test_check_shows_mistakes_on_stderr_and_exits_2(bad_file: Path) -> None:
    ran = process("check", bad_file)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"{bad_file}:4:10: unknown default 'tunel' (did you mean 'tunnel'?)")
    assert len(ran.stderr.splitlines()) == 1


def test_check_goes_on_after_a_bad_file(login_file: Path, bad_file: Path) -> None:
    ran = dtr("check", bad_file, login_file)
    assert ran.exit_code == 2
    assert "rules.yaml: ok" in ran.stdout
    assert "bad.yaml:4:10" in ran.stderr


def test_check_as_json_holds_every_file(login_file: Path, bad_file: Path, tmp_path: Path) -> None:
    ran = dtr("check", "--json", login_file, bad_file, tmp_path / "absent.yaml")
    assert ran.exit_code == 2
    good, bad, absent = json.loads(ran.stdout)["files"]
    assert (good["ok"], good["mistakes"], good["rule_set"]["rules"]) == (True, [], 3)
    assert (bad["ok"], bad["rule_set"]) == (False, None)
    assert (bad["mistakes"][0]["line"], bad["mistakes"][0]["column"]) == (4, 10)
    assert "No such file" in absent["mistakes"][0]["message"]


def test_check_reads_a_stream_once(login_rules: str) -> None:
    ran = subprocess.run(
        [*PROGRAM, "check", "/dev/stdin"], input=login_rules, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr


# --- explain -------------------------------------------------------------------------------------------------


def test_explain_shows_decision_trace_and_next_step(login_file: Path) -> None:
    ran = dtr("explain", login_file, "--platform", "ios", "--host", "acme.okta.com", "--app", "com.example.a")
    assert (ran.exit_code, ran.stderr) == (0, "")
    for part in (
        "tunnel because of rule 1 'identity-providers', destination 'acme.okta.com'",
        "asks the gateway for acme.okta.com:443",
        "not asked; for com.example.oldmail, and the app is com.example.a",
        "not asked; 'acme.okta.com' matches too",
        "proxy instead: rule 3 'partner'",
        "nobody says whether com.example.a carries the VPN profile",
    ):
        assert part in ran.stdout


def test_explain_exits_0_for_a_block_too_and_lists_near_misses(login_file: Path) -> None:
    where = ("explain", login_file, "--platform", "android", "--host", "outlook.office365.com")
    blocked = dtr(*where, "--app", "com.example.oldmail", "--port", 993, "--vpn-profile", "yes")
    assert (blocked.exit_code, blocked.stderr) == (0, "")
    assert "block because of rule 2 'legacy-mail'" in blocked.stdout
    missed = dtr(*where, "--app", "com.example.oldmail", "--address", "198.51.100.1")
    assert "rule 2 'legacy-mail' (block) would match on port 993" in missed.stdout


def test_explain_as_json_is_one_document_and_nothing_else(login_file: Path) -> None:
    ran = process("explain", login_file, "--json", "--platform", "macos", "--host", "Acme.Okta.com.")
    assert (ran.returncode, ran.stderr) == (0, "")
    document = json.loads(ran.stdout)
    assert (document["v"], document["flow"]["host"]) == (1, "acme.okta.com")
    assert (document["decision"]["action"], document["decision"]["rule"]) == ("proxy", "partner")


def test_explain_knows_networks_profiles_and_addresses(login_file: Path) -> None:
    where = ("explain", login_file, "--json", "--platform", "ios", "--host", "sts.example")

    def reason(*more: str) -> str:
        return str(json.loads(dtr(*where, *more).stdout)["decision"]["reason"])

    assert reason() == "default-action"
    assert reason("--network", "trusted") == "go-direct"
    assert reason("--vpn-profile", "no") == "not-in-vpn-profile"
    assert reason("--address", "203.0.113.7") == "rule"
    assert reason("--app", "com.apple.mobilesafari") == "safari-has-no-default"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(("--host", "127.1"), "'127.1' ends in a number", id="ambiguous-host"),
        pytest.param(("--host", "a.example:443"), "without a port", id="host-with-port"),
        pytest.param(("--host", "https://a.example/"), "is a URL", id="url"),
        pytest.param(("--host", "a\x1b[31m"), r"'a\x1b[31m' contains", id="control-character"),
        pytest.param(("--host", "a", "--address", "b"), "'--address'", id="address-is-a-name"),
        pytest.param(("--host", "192.0.2.1", "--address", "192.0.2.2"), "not the host", id="two-addresses"),
        pytest.param(("--host", "a", "--port", "0"), "--port", id="port-zero"),
        pytest.param(("--host", "a", "--app", " "), "is empty", id="empty-app"),
        pytest.param(("--host", "a", "--network", "home"), "'home'", id="unknown-network"),
        pytest.param((), "--host", id="no-host"),
    ],
)
def test_explain_refuses_bad_options_with_a_message(login_file: Path, arguments: tuple[str, ...], message: str) -> None:
    ran = dtr("explain", login_file, "--platform", "ios", *arguments)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert message in ran.stderr
    assert "\x1b" not in ran.stderr


def test_explain_shows_the_mistakes_of_its_file(bad_file: Path) -> None:
    ran = dtr("explain", bad_file, "--platform", "ios", "--host", "a.example", "--json")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "bad.yaml:4:10" in ran.stderr


# --- for people and for terminals ----------------------------------------------------------------------------


def test_names_are_data_not_markup_and_not_escapes(tmp_path: Path) -> None:
    path = tmp_path / "[red]set.yaml"
    path.write_text(
        "version: 1\nname: '[bold]s[/bold]'\nmode: per-app\ndefault: bypass\n"
        "rules: [{name: ':smile: [/]', apps: all, action: block, to: [a.example]}]\n",
        encoding="utf-8",
    )
    ran = dtr("explain", path, "--platform", "ios", "--host", "a.example", "--app", "x\x1b[31m\u202ey")
    assert ran.exit_code == 0
    assert "[bold]s[/bold]" in ran.stdout
    assert ":smile: [/]" in ran.stdout
    assert r"x\x1b[31m\u202ey" in ran.stdout
    assert "[red]set.yaml: ok" in dtr("check", path).stdout


def on_a_terminal(login_file: Path, *options: str, **env: str) -> str:
    """What `dtr check` writes to a real terminal."""
    controller, terminal = pty.openpty()
    variables = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    command = [*PROGRAM, *options, "check", str(login_file)]
    subprocess.run(
        command, stdin=terminal, stdout=terminal, stderr=terminal, env={**variables, "TERM": "xterm", **env},
        timeout=60, check=True,
    )  # fmt: skip
    os.close(terminal)
    written = os.read(controller, 65536).decode()
    os.close(controller)
    return written


def test_colours_are_for_terminals_and_can_be_switched_off(login_file: Path) -> None:
    green = "\x1b[1;32m"
    assert green in on_a_terminal(login_file)
    assert green not in on_a_terminal(login_file, "--no-color")
    assert green not in on_a_terminal(login_file, NO_COLOR="1")
    assert "\x1b" not in process("check", login_file).stdout


def test_a_narrow_encoding_is_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(
        "version: 1\nname: Zürich\nmode: per-app\ndefault: bypass\nrules: []\n",
        encoding="utf-8",
    )
    ran = subprocess.run(
        [*PROGRAM, "explain", str(path), "--platform", "ios", "--host", "a.example"],
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert rb"Z\xfcrich" in ran.stdout


def test_version_and_help_name_the_program() -> None:
    version = process("--version")
    assert (version.returncode, version.stdout.split()[0]) == (0, "dtr")
    helped = process("explain", "--help")
    assert helped.returncode == 0
    assert "Exit codes: 0 for every decision" in helped.stdout


def test_an_unknown_command_is_a_usage_error() -> None:
    ran = process("chekc")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "chekc" in ran.stderr
