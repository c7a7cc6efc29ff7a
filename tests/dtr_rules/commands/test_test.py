"""`dtr test` as a person and as a program use it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner, Result

from dtr_rules.cli import app

ROOT = Path(__file__).parents[3]
RULES = """\
version: 1
name: login
mode: per-app
default: bypass
rules:
  - {name: old-mail, apps: [com.old], action: block, to: ["*.mail.example"]}
  - {name: login, apps: all, action: tunnel, to: [acme.okta.com, login.example]}
tests:
  - name: everybody signs in
    flow: {platform: [ios, android], app: [com.a, com.b], host: [acme.okta.com, login.example]}
    expect: {action: tunnel, not-rule: old-mail}
"""
FAILING = """\
version: 1
rule-set: login.yaml
tests:
  - name: old mail may go on
    flow: {platform: ios, app: com.old, host: imap.mail.example}
    expect: {action: bypass, reason: default-action, not-rule: old-mail}
"""


def dtr(*arguments: object) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(app, ["test", *(str(each) for each in arguments)])


@pytest.fixture
def login(tmp_path: Path) -> Path:
    path = tmp_path / "login.yaml"
    path.write_text(RULES, encoding="utf-8")
    return path


@pytest.fixture
def failing(login: Path) -> Path:
    path = login.parent / "login.test.yaml"
    path.write_text(FAILING, encoding="utf-8")
    return path


def test_tests_that_pass_are_counted(login: Path) -> None:
    ran = dtr(login)
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, f"{login}: 8 passed\n", "")


def test_the_tests_of_the_demo_pass() -> None:
    ran = dtr(ROOT / "lab")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert "demo-rules.yaml: 5 passed" in ran.stdout


def test_tests_that_pass_are_named_where_wanted(login: Path) -> None:
    ran = dtr(login, "-v")
    assert f"ok    {login}:9:5: everybody signs in [android, com.b, login.example]\n" in ran.stdout
    assert ran.stdout.count("ok ") == 8


def test_a_failure_says_what_was_expected_what_came_and_why(login: Path, failing: Path) -> None:
    ran = dtr(login)
    assert (ran.exit_code, ran.stderr) == (1, "")
    for part in (
        f"FAIL  {failing}:4:5: old mail may go on",
        "expected  action bypass and not rule 'old-mail' and reason default-action",
        "got       action block and rule 'old-mail' and reason rule",
        "decision     block because of rule 1 'old-mail', destination '*.mail.example'",
        "com.old on ios to imap.mail.example:443",
        "not asked; no destination matches imap.mail.example",
        f"{login}: 8 passed, 1 failed",
    ):
        assert part in ran.stdout


def test_a_table_that_fails_is_explained_three_times_and_named_every_time(login: Path) -> None:
    login.write_text(RULES.replace("action: tunnel, not-rule", "action: block, not-rule"), encoding="utf-8")
    ran = dtr(login)
    assert ran.exit_code == 1
    assert (ran.stdout.count("FAIL  "), ran.stdout.count("looked at")) == (8, 3)
    assert "5 failures of the same tables stand above without their explanation" in ran.stdout


def test_tests_are_chosen_by_name(login: Path, failing: Path) -> None:
    ran = dtr(login, "-k", "SIGNS IN [ios, com.a")
    assert (ran.exit_code, ran.stdout) == (0, f"{login}: 2 passed\n")
    none = dtr(login, "-k", "nothing")
    assert (none.exit_code, none.stderr) == (2, "dtr test: no test has 'nothing' in its name\n")


def test_no_tests_at_all_is_no_success(tmp_path: Path) -> None:
    ran = dtr(tmp_path)
    assert (ran.exit_code, ran.stderr) == (2, "dtr test: there are no tests in what was named\n")


def test_mistakes_come_all_at_once_and_nothing_is_run(login: Path, failing: Path) -> None:
    failing.write_text(FAILING.replace("old-mail}", "old-male}").replace("com.old,", "com.old, prot: 1,"))
    (login.parent / "b.test.yaml").write_text("version: 1\nrule-set: gone.yaml\ntests: []\n")
    ran = dtr(login.parent)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert [line.split(":")[0].rpartition("/")[2] for line in ran.stderr.splitlines()] == ["b.test.yaml", failing.name]


def test_several_rule_sets_have_a_sum(login: Path, failing: Path) -> None:
    (login.parent / "other.yaml").write_text(RULES)
    ran = dtr(login.parent)
    assert ran.exit_code == 1
    assert ran.stdout.endswith("2 rule sets: 16 passed, 1 failed\n")


def test_coverage_names_what_decided_no_test(login: Path) -> None:
    ran = dtr(login, "--coverage")
    assert ran.exit_code == 0
    assert f"coverage of {login}: 60.0%" in ran.stdout
    assert "1 of 2 rules and 2 of 3 destinations decided a test" in ran.stdout
    assert "never reached; example flow: com.old on" in ran.stdout


@pytest.mark.parametrize(("limit", "code"), [("60", 0), ("60.1", 1), ("100", 1), ("0", 0)])
def test_too_little_coverage_fails(login: Path, limit: str, code: int) -> None:
    ran = dtr(login, "--fail-under", limit)
    assert ran.exit_code == code
    assert ran.stderr == ("" if code == 0 else f"dtr test: the coverage is 60.0%, under {limit}%\n")
    assert "coverage of" in ran.stdout


def test_json_is_one_document(login: Path, failing: Path) -> None:
    ran = dtr(login, "--json", "--coverage", "--fail-under", "50")
    assert (ran.exit_code, ran.stderr) == (1, "")
    document = json.loads(ran.stdout)
    assert (document["v"], document["passed"], document["failed"], document["mistakes"]) == (1, 8, 1, [])
    assert document["coverage"] == {"decided": 5, "total": 5, "percent": 100.0, "fail_under": 50.0}
    (rule_set,) = document["rule_sets"]
    assert (rule_set["file"], rule_set["name"]) == (str(login), "login")
    passed, failed = rule_set["tests"][0], rule_set["tests"][-1]
    assert (passed["passed"], passed["differences"], passed["explanation"]) == (True, [], None)
    assert (failed["file"], failed["line"], failed["test"], failed["passed"]) == (str(failing), 4, 0, False)
    assert failed["differences"][0] == {"expected": "action bypass", "got": "action block"}
    assert failed["explanation"]["decision"]["rule"] == "old-mail"
    rule = rule_set["coverage"]["rules"][1]
    assert (rule["rule"], rule["index"], rule["line"], rule["standing"], rule["tests"]) == ("login", 1, 7, "decided", 8)
    assert [each["destination"] for each in rule["destinations"]] == ["acme.okta.com", "login.example"]


def test_json_holds_why_something_is_not_covered(login: Path) -> None:
    late_rule = "  - {name: late, apps: all, action: block, to: [acme.okta.com]}\ntests:"
    text = RULES.replace("tests:", late_rule)
    login.write_text(text, encoding="utf-8")
    old_mail, _, late = json.loads(dtr(login, "--json", "--coverage").stdout)["rule_sets"][0]["coverage"]["rules"]
    assert (old_mail["standing"], old_mail["winner"], old_mail["covered"]) == ("never-reached", None, None)
    assert old_mail["example"]["app"] == "com.old"
    assert (late["standing"], late["example"]) == ("covered", None)
    assert (late["covered"]["by"], late["covered"]["different_action"]) == ([{"index": 1, "rule": "login"}], True)
    assert late["winner"]["decision"]["rule"] == "login"


def test_json_holds_mistakes(login: Path) -> None:
    login.write_text("version: 2\n")
    ran = dtr(login, "--json")
    assert ran.exit_code == 2
    document = json.loads(ran.stdout)
    assert document["rule_sets"] == []
    assert {"file": str(login), "line": 1, "column": 10, "message": "unknown version 2; allowed: 1"} in document[
        "mistakes"
    ]


def test_a_rule_set_from_the_uem_is_tested_by_a_file_beside_it(tmp_path: Path) -> None:
    rules = {
        "tunnel_mode": "PERAPP_TUNNEL",
        "default_action": "BYPASS",
        "payload": [
            {
                "platform": "APPLE",
                "rules": [
                    {
                        "serial_number": "1",
                        "action": {"type": "TUNNEL"},
                        "applications": [],
                        "destinations": ["acme.okta.com"],
                    }
                ],
            }
        ],
    }
    path = tmp_path / "set.json"
    path.write_text(json.dumps(rules, indent=1), encoding="utf-8")
    flow = "{platform: ios, host: acme.okta.com}"
    (tmp_path / "set.test.yaml").write_text(
        f"version: 1\nrule-set: set.json\ntests: [{{name: t, flow: {flow}, expect: {{action: tunnel}}}}]\n",
        encoding="utf-8",
    )
    ran = dtr(path, "--fail-under", "100")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert f"coverage of {path}: 100.0%" in ran.stdout


# --- reports -------------------------------------------------------------------------------------------------


def test_the_junit_report_is_for_its_owner_alone(login: Path, failing: Path) -> None:
    path = login.parent / "report.xml"
    assert dtr(login, "--junit", path).exit_code == 1
    assert path.stat().st_mode & 0o777 == 0o600
    root = ET.parse(path).getroot()
    assert (root.get("tests"), root.get("failures")) == ("9", "1")
    failing.unlink()
    assert dtr(login, "--junit", path).exit_code == 0
    assert ET.parse(path).getroot().get("tests") == "8"


def test_a_report_that_others_could_read_becomes_private(login: Path) -> None:
    path = login.parent / "report.xml"
    path.write_text("old")
    path.chmod(0o644)
    dtr(login, "--junit", path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_unusable_files_stand_in_the_report(login: Path) -> None:
    login.write_text("version: 2\n")
    path = login.parent / "report.xml"
    assert dtr(login, "--junit", path).exit_code == 2
    assert ET.parse(path).getroot().get("errors") == "1"


def test_a_report_that_cannot_be_written_is_exit_3(login: Path) -> None:
    path = login.parent / "absent" / "report.xml"
    ran = dtr(login, "--junit", path)
    assert (ran.exit_code, ran.stderr) == (3, f"dtr test: cannot write {path}: No such file or directory\n")


# --- watching ------------------------------------------------------------------------------------------------


@pytest.fixture
def watching(login: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "dtr_rules", "test", str(login), "--watch"]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"COLUMNS": "300"}
    )


def test_watch_runs_again_after_a_change_and_ends_quietly(login: Path, watching: subprocess.Popen[str]) -> None:
    assert watching.stdout is not None
    with watching:
        try:
            assert watching.stdout.readline() == f"{login}: 8 passed\n"
            new = login.with_suffix(".new")
            new.write_text(RULES.replace("[com.a, com.b]", "com.a"), encoding="utf-8")
            new.replace(login)
            assert watching.stdout.readline() == "\n"
            assert watching.stdout.readline().endswith(f"changed: {login}\n")
            assert watching.stdout.readline() == f"{login}: 4 passed\n"
            watching.send_signal(signal.SIGINT)
            assert watching.communicate(timeout=30) == ("", "")
        finally:
            watching.kill()
    assert watching.returncode == 130


def test_watch_as_json_is_a_document_a_line(login: Path) -> None:
    command = [sys.executable, "-m", "dtr_rules", "test", str(login), "--watch", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["passed"] == 8
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=30) == ("", "")
        finally:
            process.kill()
    assert process.returncode == 130


@pytest.mark.parametrize(
    "rewrite",
    [
        pytest.param(lambda text: text.replace("mode:", '"mode":').replace("\nrules:", '\n"rules":'), id="quoted-keys"),
        pytest.param(lambda text: "# " + "x" * 100_000 + "\n" + text, id="far-down"),
    ],
)
def test_a_directory_leaves_no_rule_set_out(tmp_path: Path, rewrite: Callable[[str], str]) -> None:
    """What is left out would look like a success."""
    (tmp_path / "odd.yaml").write_text(rewrite(RULES), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "dtr_rules", "test", str(tmp_path)], capture_output=True, text=True, timeout=30
    )
    assert "8 passed" in done.stdout
    assert done.returncode == 0


def test_a_loop_of_links_is_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    done = subprocess.run(
        [sys.executable, "-m", "dtr_rules", "test", str(tmp_path / "loop.yaml")],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
