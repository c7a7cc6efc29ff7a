"""`dtr lint` as people and programs use it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dtr_rules.cli import app

ROOT = Path(__file__).parents[3]
CLEAN = """\
version: 1
name: clean
mode: per-app
default: bypass
rules:
  - {name: a, platforms: [ios], apps: all, action: tunnel, to: [acme.okta.com]}
"""
BAD = CLEAN.replace("acme.okta.com", "'*acme.okta.com'")


def dtr(*arguments: object) -> Result:
    return CliRunner(env={"COLUMNS": "160"}).invoke(app, [str(each) for each in arguments])


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    path = tmp_path / "clean.yaml"
    path.write_text(CLEAN, encoding="utf-8")
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.yaml"
    path.write_text(BAD, encoding="utf-8")
    return path


def test_a_clean_file(clean: Path) -> None:
    ran = dtr("lint", clean)
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert "nothing found" in ran.stdout
    assert "not asked without --idp: DTR201, DTR202, DTR203, DTR204" in ran.stdout


def test_a_finding_shows_place_example_and_fix(bad: Path) -> None:
    ran = dtr("lint", bad)
    assert ran.exit_code == 1
    for part in (
        f"{bad}:6:65: warning DTR301 look-alike",
        "--platform ios --host evilacme.okta.com",
        "gets tunnel by rule 1 'a'",
        'Write the exact host: "acme.okta.com"',
        "bad.yaml: 1 warning",
    ):
        assert part in ran.stdout


def test_the_shown_example_is_what_explain_takes(bad: Path) -> None:
    ran = dtr("explain", bad, "--platform", "ios", "--host", "evilacme.okta.com", "--json")
    assert json.loads(ran.stdout)["decision"]["rule"] == "a"


def test_notes_count_only_when_strict(clean: Path) -> None:
    arguments = ("lint", clean, "--idp", "okta:acme.okta.com", "--json")
    ran = dtr(*arguments)
    assert {each["severity"] for each in json.loads(ran.stdout)["findings"]} == {"note"}
    assert ran.exit_code == 0
    assert dtr(*arguments, "--strict").exit_code == 1


def test_the_demo_rules_say_sensible_things() -> None:
    ran = dtr("lint", ROOT / "lab" / "demo-rules.yaml", "--idp", "okta:acme.okta.com", "--idp", "entra", "--json")
    document = json.loads(ran.stdout)
    assert document["counts"]["error"] == 0
    assert {each["id"] for each in document["findings"]} <= {"DTR201", "DTR204"}
    assert {each["id"] for each in document["findings"] if each["severity"] == "warning"} <= {"DTR204"}


def test_silences_are_judged_on_the_given_day(tmp_path: Path) -> None:
    path = tmp_path / "silenced.yaml"
    path.write_text(
        BAD + "silence:\n  - {finding: DTR301, reason: trial, owner: anna, until: 2027-03-31}\n", encoding="utf-8"
    )
    assert dtr("lint", path, "--on", "2027-03-31").exit_code == 0
    assert "until 2027-03-31 by anna: trial" in dtr("lint", path, "--on", "2027-03-31", "--show-silenced").stdout
    late = dtr("lint", path, "--on", "2027-04-01")
    assert late.exit_code == 1
    assert "DTR901" in late.stdout


def test_other_classes_of_hosts(clean: Path) -> None:
    def hosts(*more: str) -> str:
        ran = dtr("lint", clean, "--idp", "entra", "--json", *more)
        return " ".join(each["message"] for each in json.loads(ran.stdout)["findings"])

    assert "graph.microsoft.com" not in hosts()
    assert "graph.microsoft.com" in hosts("--hosts", "strict-cae")
    assert "*.msauth.net" in hosts("--hosts", "all")


def test_sarif_and_github_are_alone_on_stdout(bad: Path) -> None:
    sarif = dtr("lint", bad, "--sarif")
    assert (sarif.exit_code, sarif.stderr) == (1, "")
    assert json.loads(sarif.stdout)["runs"][0]["results"][0]["ruleId"] == "DTR301"
    github = dtr("lint", bad, "--github")
    assert github.stdout.startswith("::warning file=")
    assert len(github.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(("--idp", "okta"), "needs a host", id="no-host"),
        pytest.param(("--idp", "okta:login.acme.example"), "okta-custom:login.acme.example", id="custom-domain"),
        pytest.param(("--idp", "ping"), "unknown identity provider 'ping'", id="unknown"),
        pytest.param(("--on", "tomorrow"), "is not a day", id="no-day"),
        pytest.param(("--json", "--sarif"), "give one of them", id="two-forms"),
        pytest.param(("--catalogue", "absent.yaml"), "absent.yaml:1:1: cannot read", id="no-catalogue"),
    ],
)
def test_unusable_options(clean: Path, arguments: tuple[str, ...], message: str) -> None:
    ran = CliRunner(env={"COLUMNS": "300"}).invoke(app, ["lint", str(clean), *arguments])
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert message in ran.stderr


def test_an_unusable_file(tmp_path: Path) -> None:
    ran = dtr("lint", tmp_path / "absent.yaml")
    assert (ran.exit_code, ran.stdout) == (2, "")


def test_names_are_data(tmp_path: Path) -> None:
    path = tmp_path / "names.yaml"
    path.write_text(CLEAN.replace("name: a,", "name: '[red]:smile: a',").replace("[acme.okta.com]", "['*']"), "utf-8")
    assert "[red]:smile: a" in dtr("lint", path).stdout
