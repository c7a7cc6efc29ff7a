"""`--netns` as people call it: the whole world, Ctrl-C, and a clear word without root."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from lab.cli import app
from lab.demo import Demo
from lab.netns.evidence import Evidence, show_several
from lab.netns.namespace import FOLDER, PREFIX
from lab.netns.proof import Sentence

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[3]
SCENARIO = ("run", "compliant-ios", "--netns")


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "lab", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"NO_COLOR": "1"},
    )


def left_behind(process: subprocess.Popen[str]) -> list[Path]:
    return list(FOLDER.glob(f"{PREFIX}-{process.pid}-*"))


@pytest.mark.parametrize("verb", [("demo",), ("run", "compliant-ios")], ids=["demo", "run"])
def test_without_root_it_says_so(verb: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    done = CliRunner().invoke(app, [*verb, "--netns"])
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr == "--netns: network namespaces need root; run it with sudo\n"


def test_captures_of_nothing_are_refused() -> None:
    done = CliRunner().invoke(app, ["demo", "--captures", "somewhere"])
    assert done.exit_code == 2
    assert "--netns" in done.stderr


def test_captures_that_cannot_be_written_end_it_with_a_word(namespaces: None, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    done = CliRunner().invoke(app, ["demo", "--netns", "--captures", str(tmp_path / "taken")])
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.endswith(f"{tmp_path}/taken: cannot hold captures: File exists\n")
    (tmp_path / "okta.pcap").symlink_to("/dev/null")
    done = CliRunner().invoke(app, ["demo", "--netns", "--captures", str(tmp_path)])
    assert done.exit_code == 3
    assert "okta.pcap: cannot be written" in done.stderr


def test_a_whole_login_is_proved_as_the_page_shows_it(namespaces: None, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "tunnel-lab.md").read_text()
    shown = re.search(r"^```text\n\$ sudo tunnel-lab (.*?)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert shown is not None
    process = start(*shown[1].split(), "--captures", str(tmp_path))
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    lines, captures = out.rstrip("\n").rsplit("\n", 1)
    assert without_numbers(lines) == without_numbers(shown[2].rstrip("\n"))
    assert captures == f"captures: {tmp_path}/compliant-ios"
    assert {path.name for path in (tmp_path / "compliant-ios").iterdir()} >= {"okta.pcap", "gateway.pcap"}
    assert re.search("from egress addresses [1-9]", lines)
    assert re.search("tries refused on the device [1-9]", lines)
    assert left_behind(process) == []


def without_numbers(text: str) -> str:
    return re.sub(r"\d[\d.]*", "N", text)


def test_a_sentence_that_does_not_hold_makes_the_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    sentence = Sentence("nothing leaks", "1 connection", ("okta.pcap packet 7: TCP 192.0.2.11:4 > 198.51.100.10:443",))

    async def leaking(_work: object, _captures: object) -> tuple[Demo, Evidence]:
        return Demo((), (), (), 0.0), Evidence((), (sentence,), None)

    monkeypatch.setattr("lab.netns.running.in_namespaces", leaking)
    monkeypatch.setattr("lab.commands.screen.require", lambda: None)
    people = CliRunner().invoke(app, ["demo", "--netns"])
    assert people.exit_code == 1
    assert (
        "✗ nothing leaks: 1 connection\n    okta.pcap packet 7: TCP 192.0.2.11:4 > 198.51.100.10:443\n" in people.stdout
    )
    console = Console(width=200)
    with console.capture() as printed:
        show_several({"first": Evidence((), (), None), "second": Evidence((), (sentence,), None)}, console)
    assert printed.get().splitlines() == [
        "✓ first: 0 packets captured on 0 links; every sentence holds",
        "✗ second: 0 packets captured on 0 links; not every sentence holds",
        *people.stdout.splitlines()[-3:],
    ]
    programs = CliRunner().invoke(app, ["demo", "--netns", "--json"])
    assert programs.exit_code == 1
    assert json.loads(programs.stdout)["netns"]["sentences"][0]["against"] == list(sentence.against)


def test_ctrl_c_leaves_nothing_behind(namespaces: None) -> None:
    process = start(*SCENARIO)
    deadline = time.monotonic() + 30
    while not any("gateway" in path.name for path in left_behind(process)):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert err.endswith("interrupted; everything is ended\n")
    assert left_behind(process) == []
