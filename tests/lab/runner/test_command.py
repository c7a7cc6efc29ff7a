"""`tunnel-lab run` and `list` as a person uses them."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from junit_schema import valid_report

from lab.record import read_run
from lab.runner.choosing import own_scenarios

pytestmark = pytest.mark.once

BROKEN = """\
version: 1
title: A phone that nobody lets in
learn: [Nothing.]
world:
  devices:
    iphone: {platform: ios}
steps:
  - sign-in: {device: iphone, app: outlook, at: okta}
    expect:
      device: {outcome: denied, path: direct}
      okta: {did: ALLOW, from: device}
"""
UNSTARTABLE = BROKEN.replace("  devices:", "  gateway: {refusal: nonsense}\n  devices:")


def lab(environment: dict[str, str], cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lab", *arguments], env=environment, cwd=cwd, text=True, capture_output=True, timeout=60
    )


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(BROKEN)
    return path


def test_an_expectation_that_is_not_met_is_told_with_place_and_observer(
    program_environment: dict[str, str], tmp_path: Path, mine: Path
) -> None:
    files = ("--junit", "junit.xml", "--record", "records", "--report", "report.html")
    done = lab(program_environment, tmp_path, "--no-color", "run", "mine.yaml", "--watch", "--json", *files)
    assert done.returncode == 1, done.stderr
    unmet = "mine.yaml:11:19: okta: did: expected ALLOW, was DENY"

    watched = done.stderr.splitlines()
    assert "1. outlook on iphone starts anew and signs its user in at Okta" in watched
    assert any("acme.okta.com: direct from 127.43.0.11, no VPN profile is installed" in line for line in watched)
    assert any("okta saw 127.43.0.11: policy.evaluate_sign_on DENY by Catch-all Rule" in line for line in watched)
    assert "   ✗ okta: did: ALLOW, was DENY" in watched
    assert f"    {unmet}" in watched
    assert "\x1b" not in done.stderr

    found = json.loads(done.stdout)
    assert (found["v"], found["as_expected"]) == (1, False)
    (run,) = found["runs"]
    assert run["unmet"] == [
        {"place": "mine.yaml:11:19", "observer": "okta", "what": "did", "expected": "ALLOW", "was": "DENY"}
    ]

    case = valid_report((tmp_path / "junit.xml").read_bytes()).find("testsuite/testcase")
    assert case is not None
    assert case.get("name") == "1. outlook on iphone starts anew and signs its user in at Okta"
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message") == unmet

    record = tmp_path / "records" / "mine.json"
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    assert [str(check) for check in read_run(record).unmet] == [unmet]
    page = tmp_path / "report.html"
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert "Okta saw 127.43.0.11, the device&#39;s own address, in no zone" in page.read_text()
    assert list(Path(program_environment["TMPDIR"]).iterdir()) == []


def test_a_world_that_does_not_start_is_3_with_the_program_s_words(
    program_environment: dict[str, str], tmp_path: Path, mine: Path
) -> None:
    mine.write_text(UNSTARTABLE)
    done = lab(program_environment, tmp_path, "run", "mine.yaml", "--junit", "junit.xml")
    assert done.returncode == 3
    assert "mine.yaml:9:5: could not be done: tunnel-gateway has not started" in done.stdout
    assert "gateway.yaml:" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert valid_report((tmp_path / "junit.xml").read_bytes()).find("testsuite/testcase/error") is not None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(("run", "complaint-ios"), "no scenario 'complaint-ios' (did you mean", id="unknown-name"),
        pytest.param(("run", "none.yaml"), "none.yaml:1:1: cannot read this file: No such file", id="no-file"),
        pytest.param(("run",), "Missing argument", id="no-name"),
        pytest.param(("run", "all", "--jobs", "0"), "Input should be greater than or equal to 1", id="no-job"),
    ],
)
def test_wrong_usage_starts_nothing(
    program_environment: dict[str, str], tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    done = lab(program_environment, tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


@pytest.mark.parametrize("after", [pytest.param("1. ", id="worlds-start"), pytest.param("the app: ", id="logins")])
def test_ctrl_c_leaves_nothing_behind(program_environment: dict[str, str], tmp_path: Path, after: str) -> None:
    """As in a terminal: the signal goes to everything in the foreground."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lab", "run", "compliant-ios", "non-compliant-profile-kept", "--watch"],
        env=program_environment,
        cwd=tmp_path,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    with process:
        for line in process.stdout:
            if after in line:
                break
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "interrupted; everything is ended\n")
    place = program_environment["TMPDIR"]
    assert list(Path(place).iterdir()) == []
    deadline = time.monotonic() + 10
    while (left := started_with(place)) and time.monotonic() < deadline:
        time.sleep(0.05)  # the process that forks ends by itself, once nobody is there any more
    assert left == []


def started_with(place: str) -> list[str]:
    """Programs whose temporary files belong to `place`, or that name it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words, environment = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
        except OSError:
            continue  # it has ended, or is somebody else's
        if place.encode() in words + environment:
            found.append(words.decode(errors="replace").replace("\0", " "))
    return found


def test_the_list_has_every_scenario(program_environment: dict[str, str], tmp_path: Path) -> None:
    done = lab(program_environment, tmp_path, "list", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert [each["name"] for each in found["scenarios"]] == list(own_scenarios())
    assert all(each["title"] and each["learn"] for each in found["scenarios"])
    table = lab(program_environment, tmp_path, "--no-color", "list").stdout
    assert all(name in table for name in own_scenarios())


def test_a_scenario_is_told_before_it_is_played(program_environment: dict[str, str], tmp_path: Path) -> None:
    done = lab(program_environment, tmp_path, "--no-color", "list", "zone-full")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "zone-full: The zone is full"
    assert "   3. okta-zones apply" in lines
    assert any(line.startswith("learn: An IP zone of Okta holds 150 gateway entries.") for line in lines)
