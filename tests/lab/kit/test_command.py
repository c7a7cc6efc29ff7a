"""`tunnel-lab kit` as people and programs call it: where output goes, where the secret goes, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

from acme_kit import HINT
from click.testing import Result
from typer.testing import CliRunner

from lab.cli import app


def run(*arguments: str | Path, hint: str | None = HINT) -> Result:
    environment = {"NO_COLOR": "1", "KIT_TEST_HINT": hint}
    return CliRunner().invoke(app, ["kit", *map(str, arguments)], env=environment)


def test_the_screen_shows_everything_but_the_secret(kit_file: Path) -> None:
    done = run(kit_file)
    assert (done.exit_code, done.stderr) == (0, "")
    assert HINT not in done.stdout
    assert "managementHint" in done.stdout
    assert "PUT-THE-MANAGEMENT-HINT-HERE" in done.stdout
    assert "NOT CONFIRMED" in done.stdout
    assert "\nIn this order:\n" in done.stdout


def test_the_secret_goes_into_files_alone_and_when_asked_for(kit_file: Path) -> None:
    out = kit_file.parent / "out"
    done = run(kit_file, "--out", out, "--with-secret", "--json")
    assert done.exit_code == 0, done.stderr
    assert HINT not in done.stdout + done.stderr
    assert HINT in (out / "okta-verify-ios.plist").read_text()
    assert str(out / "okta-verify-ios.plist") in json.loads(done.stdout)["written"]
    refused = run(kit_file, "--with-secret")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--out" in refused.stderr


def test_one_piece_alone(kit_file: Path) -> None:
    found = json.loads(run(kit_file, "--only", "okta-zone", "--json").stdout)
    assert [piece["id"] for piece in found["pieces"]] == ["okta-zone"]
    unknown = run(kit_file, "--only", "zone")
    assert (unknown.exit_code, unknown.stdout) == (2, "")
    assert "okta-zone" in unknown.stderr


def test_check_is_a_compiler(kit_file: Path) -> None:
    path = kit_file.with_name("app.plist")
    path.write_text("<dict>\n<key>managmentHint</key><string>x</string>\n</dict>\n")
    done = run(kit_file, "--check", path)
    assert done.exit_code == 1
    assert (
        f"{path}:2:1: error: 'managmentHint' is not read (did you mean 'managementHint'?)\n  fix: write" in done.stdout
    )
    alone = run("--check", path, "--json")
    assert alone.exit_code == 1
    assert json.loads(alone.stdout)["files"][0]["kind"] == "application configuration"


def test_what_cannot_be_had_says_so(kit_file: Path) -> None:
    assert run().exit_code == 2
    assert (
        run(kit_file, "--check", "nowhere").stderr == "nowhere:1:1: cannot read this file: No such file or directory\n"
    )
    closed = run(kit_file, "--out", "/proc/kit")
    assert closed.exit_code == 3
    assert closed.stderr == "/proc/kit: cannot be written: No such file or directory\n"
    unset = run(kit_file, "--out", kit_file.parent / "o", "--with-secret", hint=None)
    assert unset.exit_code == 2
    assert unset.stderr == f"{kit_file}:4:22: the environment variable KIT_TEST_HINT is not set\n"


def test_a_file_that_cannot_be_used_hides_no_other(kit_file: Path) -> None:
    (found := kit_file.with_name("app.plist")).write_text("<dict><key>managmentHint</key><string>x</string></dict>")
    done = run(kit_file, "--check", "nowhere", "--check", found)
    assert done.exit_code == 2
    assert "managementHint" in done.stdout
    assert done.stderr == "nowhere:1:1: cannot read this file: No such file or directory\n"
