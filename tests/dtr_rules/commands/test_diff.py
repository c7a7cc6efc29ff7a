"""`dtr diff` as a person and as a program use it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dtr_rules.cli import app

OLD = """\
version: 1
name: login
mode: per-app
default: bypass
rules:
  - name: identity-providers
    apps: all
    action: tunnel
    to: [acme.okta.com, "*.example.com"]
"""


def dtr(*arguments: object) -> Result:
    return CliRunner(env={"COLUMNS": "160"}).invoke(app, [str(each) for each in arguments])


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.yaml"
    path.write_text(OLD, encoding="utf-8")
    return path


def changed(old: Path, was: str, becomes: str) -> Path:
    assert was in OLD
    path = old.with_name("new.yaml")
    path.write_text(OLD.replace(was, becomes), encoding="utf-8")
    return path


def test_a_change_is_shown_with_an_example_and_exits_1(old: Path) -> None:
    ran = dtr("diff", old, changed(old, "acme.okta.com", "acme.okta.com:443"))
    assert (ran.exit_code, ran.stderr) == (1, "")
    assert "1 change in effect" in ran.stdout
    assert "tunnel by rule 'identity-providers' -> bypass by no rule" in ran.stdout
    for part in ("hosts    acme.okta.com", "every app on all platforms", "1-442, 444-65535", "to acme.okta.com:80"):
        assert part in ran.stdout


def test_the_same_in_other_words_is_no_effect_and_exits_0(old: Path) -> None:
    ran = dtr(
        "diff", old, changed(old, 'acme.okta.com, "*.example.com"', '"*.example.com", a.example.com, acme.okta.com')
    )
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert "no effect: both sets decide every flow alike, by the same rules; proved" in ran.stdout


def test_only_action_passes_over_names_of_rules(old: Path) -> None:
    new = changed(old, "identity-providers", "idp")
    assert dtr("diff", old, new).exit_code == 1
    assert dtr("diff", "--only-action", old, new).exit_code == 0


def test_json_is_one_document(old: Path) -> None:
    ran = dtr("diff", "--json", old, changed(old, "default: bypass", "default: block"))
    document = json.loads(ran.stdout)
    assert (ran.exit_code, document["v"], document["no_effect"], document["undecided"]) == (1, 1, False, [])
    [change] = document["changes"]
    assert (change["old"]["action"], change["new"]["action"], change["new"]["reason"]) == (
        "bypass",
        "block",
        "default-action",
    )
    [found] = change["classes"]
    assert (found["hosts"], found["ports"], found["old"]["action"]) == ([], None, "bypass")
    same = json.loads(dtr("diff", "--json", old, old).stdout)
    assert (same["no_effect"], same["changes"]) == (True, [])


def test_names_are_data(old: Path) -> None:
    ran = dtr("diff", old, changed(old, "identity-providers", "'[red]:smile:[/]'"))
    assert "tunnel by rule '[red]:smile:[/]'" in ran.stdout


def test_unusable_files_exit_2(old: Path) -> None:
    ran = dtr("diff", old, changed(old, "action: tunnel", "action: tunel"))
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "did you mean 'tunnel'?" in ran.stderr
    assert dtr("diff", old, old, "--within", "0").exit_code == 2


def test_help_says_what_is_proved() -> None:
    assert "Exit codes: 0 no effect" in dtr("diff", "--help").stdout
