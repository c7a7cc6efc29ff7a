"""`tunnel-lab demo` as a person runs it: a process, its output, its exit code, and nothing left behind."""

from __future__ import annotations

import html
import json
import os
import re
import signal
import subprocess
import sys
import time
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.once

PATIENCE = 60  # seconds; a busy machine with two cores, not the demo's own time
PICTURE = (Path(__file__).parents[2] / "docs" / "pictures" / "demo.svg").read_text(encoding="utf-8")
RULES = (resources.files("lab") / "demo-rules.yaml").read_text(encoding="utf-8")
OKTA, ENTRA = "acme.okta.com", "login.microsoftonline.com"


def start(environment: dict[str, str], cwd: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "lab", *arguments],
        env=environment,
        cwd=cwd,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def run(environment: dict[str, str], cwd: Path, *arguments: str) -> tuple[int, str, str]:
    process = start(environment, cwd, *arguments)
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def left_behind(environment: dict[str, str]) -> list[str]:
    """Files in the lab's temporary place, and processes that were started there or name it."""
    place = environment["TMPDIR"]
    found = [str(file) for file in Path(place).iterdir()]
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if place.encode() in words:
            found.append(words.decode(errors="replace").replace("\0", " "))
    return found


def crowding() -> float:
    """How many times more work waits here than this machine has cores; 1 on a quiet one."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def test_all_five_rows_are_as_expected(program_environment: dict[str, str], tmp_path: Path) -> None:
    code, out, err = run(program_environment, tmp_path, "demo", "--json")
    assert code == 0, err
    found = json.loads(out)
    assert (found["v"], found["as_expected"], len(found["rows"])) == (1, True, 5)
    first, second, third, fourth, fifth = found["rows"]

    for row in (first, fourth):
        assert row["path"] == {OKTA: "tunnel", ENTRA: "tunnel"}
        assert row["gateway"] == {"admission": "admitted", "reasons": ["rule"], "rules": ["identity-providers"]}
        assert {entry["whose"] for entry in row["addresses"]} == {"egress"}
        assert (row["okta"]["outcome"], row["entra"]["outcome"]) == ("allowed", "allowed")
        assert row["okta"]["log"]["by"] == "From the tunnel"
        assert row["okta"]["log"]["zone"] == "Tunnel egress"

    assert second["refusal"]["reason"] == "device-not-compliant"
    assert second["refusal"]["decision_id"]
    assert second["refusal"]["what_to_do"]
    assert fifth["refusal"]["reason"] == "client-certificate-untrusted"
    for row in (second, fifth):
        assert row["addresses"] == []
        assert (row["okta"]["outcome"], row["entra"]["outcome"]) == ("never reached", "never reached")

    assert third["path"] == {OKTA: "direct", ENTRA: "direct"}
    assert third["gateway"]["admission"] == "not asked"
    assert third["addresses"] == [{"address": "127.43.0.11", "whose": "device's own"}]
    assert third["okta"]["log"]["by"] == "Catch-all Rule"
    assert third["entra"]["outcome"] == "denied"
    assert third["entra"]["words"]

    for zone in found["zones"]:
        assert (zone["add"], zone["remove"]) == (["127.42.0.10-127.42.0.11"], [])
    assert [zone["kind"] for zone in found["zones"]] == ["okta", "entra"]
    assert left_behind(program_environment) == []


def test_the_table_for_people(program_environment: dict[str, str], tmp_path: Path) -> None:
    code, out, err = run(program_environment, tmp_path, "--no-color", "demo")
    assert (code, err) == (0, "")
    assert "\x1b" not in out
    assert re.search(r"\+127\.42\.0\.10-127\.42\.0\.11 +127\.42\.0\.99-127\.42\.0\.99 not ours", out)
    assert out.count("as expected") == 6
    assert "client-certificate-untrusted" in out
    assert "5 of 5 rows as expected" in out
    assert _words(out[out.index("╭") :]) == _words(html.unescape(" ".join(re.findall(">([^<]*)</text>", PICTURE))))


def _words(text: str) -> set[str]:
    """What a table says, however its columns are broken; without how long it took and the picture's title."""
    return set(re.findall(r"[A-Za-z0-9.']+", text)) - {"tunnel", "lab", "demo"} - set(re.findall(r"\d+\.\d", text))


def test_rules_that_do_not_tunnel_the_identity_providers_fail_truthfully(
    program_environment: dict[str, str], tmp_path: Path
) -> None:
    rules = tmp_path / "mine.yaml"
    rules.write_text(RULES.replace("action: tunnel\n", "action: bypass\n").partition("tests:")[0])
    code, out, _ = run(program_environment, tmp_path, "demo", "--json", "--rules", str(rules))
    assert code == 1
    rows = json.loads(out)["rows"]
    assert [row["as_expected"] for row in rows] == [False, False, True, False, False]
    for row in rows:
        assert set(row["path"].values()) == {"direct"}
        assert row["gateway"]["admission"] == "not asked"
        assert {entry["whose"] for entry in row["addresses"]} == {"device's own"}
        assert (row["okta"]["outcome"], row["entra"]["outcome"]) == ("denied", "denied")
    assert "path: expected tunnel, was direct" in rows[0]["differences"]
    assert "sent direct by rule identity-providers" in rows[0]["why"]


def test_rules_that_tunnel_one_of_the_two_show_both_ways(program_environment: dict[str, str], tmp_path: Path) -> None:
    rules = tmp_path / "mine.yaml"
    rules.write_text(RULES.replace("      - login.microsoftonline.com\n", "").partition("tests:")[0])
    code, out, _ = run(program_environment, tmp_path, "demo", "--json", "--rules", str(rules))
    assert code == 1
    first: dict[str, Any] = json.loads(out)["rows"][0]
    assert first["path"] == {OKTA: "tunnel", ENTRA: "direct"}
    assert (first["okta"]["outcome"], first["entra"]["outcome"]) == ("allowed", "denied")
    assert {entry["whose"] for entry in first["addresses"]} == {"egress", "device's own"}


def test_a_rule_file_with_mistakes_is_told_with_places_and_nothing_is_started(
    program_environment: dict[str, str], tmp_path: Path
) -> None:
    rules = tmp_path / "mine.yaml"
    rules.write_text(RULES.replace("action: tunnel\n", "action: tunel\n"))
    code, out, err = run(program_environment, tmp_path, "demo", "--rules", "mine.yaml")
    assert (code, out) == (2, "")
    line = RULES[: RULES.index("action: tunnel")].count("\n") + 1
    assert err.startswith(f"mine.yaml:{line}:13: unknown action 'tunel' (did you mean 'tunnel'?)")
    assert "Traceback" not in err
    assert left_behind(program_environment) == []


def test_a_rule_file_that_is_not_there(program_environment: dict[str, str], tmp_path: Path) -> None:
    code, out, err = run(program_environment, tmp_path, "demo", "--rules", "none.yaml")
    assert (code, out) == (2, "")
    assert err == "none.yaml:1:1: cannot read this file: No such file or directory\n"


@pytest.mark.parametrize(
    ("after", "number"),
    [
        pytest.param("start Okta", signal.SIGTERM, id="as-soon-as-everything-runs-sigterm"),
        pytest.param("okta-zones plan", signal.SIGINT, id="while-okta-zones-applies-ctrl-c"),
        pytest.param("row 1", signal.SIGTERM, id="between-rows-sigterm"),
        pytest.param("row 1", signal.SIGINT, id="between-rows-ctrl-c"),
    ],
)
def test_an_interrupted_demo_is_gone_within_two_seconds(
    program_environment: dict[str, str], tmp_path: Path, after: str, number: signal.Signals
) -> None:
    process = start(program_environment, tmp_path, "demo", "--json")
    assert process.stderr is not None
    with process:
        for line in process.stderr:
            if after in line:
                break
        asked = time.monotonic()
        process.send_signal(number)
        code = process.wait(timeout=PATIENCE)
        seconds = time.monotonic() - asked
        assert process.stdout is not None
        out, err = process.stdout.read(), process.stderr.read()
    assert (code, out) == (130, "")
    assert seconds < 2 * crowding()
    assert "Traceback" not in err
    assert left_behind(program_environment) == []


def test_the_version(program_environment: dict[str, str], tmp_path: Path) -> None:
    code, out, _ = run(program_environment, tmp_path, "--version")
    assert code == 0
    assert out.startswith("tunnel-lab ")
