"""The four programs speak one style: help, version, exit codes, where output goes, how mistakes read."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = {
    "dtr": "dtr_rules",
    "tunnel-gateway": "tunnel_gateway",
    "okta-zones": "okta_zones",
    "tunnel-lab": "lab",
}
# A verb of each program that reads a file.
READING = {
    "dtr": ("check",),
    "tunnel-gateway": ("run", "--config"),
    "okta-zones": ("plan", "--config"),
    "tunnel-lab": ("demo", "--rules"),
}
# Further verbs that read one.
ALSO_READING = [("tunnel-lab", ("kit",)), ("tunnel-lab", ("up", "--rules"))]
ESCAPE = "\x1b"


def run(program: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", PROGRAMS[program], *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | environment,
    )


@pytest.fixture(params=PROGRAMS)
def program(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_help_is_help(program: str) -> None:
    done = run(program, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout
    assert "--version" in done.stdout
    assert "--no-color" in done.stdout


def test_version_names_the_program(program: str) -> None:
    done = run(program, "--version")
    assert done.returncode == 0
    assert re.fullmatch(rf"{program} \S.*\n", done.stdout)


def test_nothing_asked_is_answered_with_help_and_unknown_verbs_with_2(program: str) -> None:
    assert "Usage" in (nothing := run(program)).stdout + nothing.stderr
    assert nothing.returncode == 2
    unknown = run(program, "no-such-verb")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "no-such-verb" in unknown.stderr


@pytest.mark.parametrize(("program", "verb"), [*READING.items(), *ALSO_READING])
def test_file_that_is_not_there_is_said_with_its_place(program: str, verb: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "missing.yaml"
    done = run(program, *verb, str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{path}:1:1: cannot read this file: No such file or directory\n"


@pytest.mark.parametrize(("program", "verb"), [*READING.items(), *ALSO_READING])
def test_mistakes_go_to_stderr_with_their_places(program: str, verb: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("version: 2\nno-such-key: 1\n")
    done = run(program, *verb, str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{path}:1:1: '")
    assert f"{path}:1:10: unknown version 2; allowed: 1\n" in done.stderr
    assert f"{path}:2:1: unknown key 'no-such-key'" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_colour_where_none_is_wanted(program: str, tmp_path: Path) -> None:
    for arguments, environment in (
        (("--no-color", *READING[program], str(tmp_path / "x")), {"FORCE_COLOR": "1"}),
        ((*READING[program], str(tmp_path / "x")), {"NO_COLOR": "1"}),
    ):
        done = run(program, *arguments, **environment)
        assert ESCAPE not in done.stdout + done.stderr


@pytest.mark.parametrize("after", [0.05, 0.15, 0.3])
def test_interrupt_is_quiet_while_the_program_still_starts(program: str, after: float) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", PROGRAMS[program], *READING[program], "/dev/zero"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(after)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert out == ""
    assert f'"{PROGRAMS[program]}' not in err, "no traceback through our own code"
    # On a busy machine the interpreter itself may not have started yet, and says so with a traceback of its own.
    if "KeyboardInterrupt" not in err:
        assert process.returncode in {2, 130, -signal.SIGINT}, err


def test_json_is_one_document_and_nothing_else() -> None:
    done = run("dtr", "explain", str(Path(__file__).parents[1] / "lab" / "demo-rules.yaml"), *EXPLAINED)
    assert done.returncode == 0
    assert isinstance(json.loads(done.stdout), dict)
    assert done.stderr == ""


EXPLAINED = ("--platform", "ios", "--app", "com.microsoft.Office.Outlook", "--host", "acme.okta.com", "--json")
