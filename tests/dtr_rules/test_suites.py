"""Which tests `dtr test` finds, and that each file is read once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from dtr_rules import RuleSetFile, read_rule_set
from dtr_rules.suites import Suites, files_at, read_suites

FLOW = "flow: {platform: ios, host: a.example}, expect: {action: bypass}"


def rules(path: Path, *tests: str) -> Path:
    listed = "".join(f"  - {{name: {name}, {FLOW}}}\n" for name in tests)
    text = f"version: 1\nname: {path.stem}\nmode: per-app\ndefault: bypass\nrules: []\n"
    path.write_text(text + (f"tests:\n{listed}" if tests else ""), encoding="utf-8")
    return path


def write_tests(path: Path, rule_set: str, *tests: str) -> Path:
    listed = "".join(f"  - {{name: {name}, {FLOW}}}\n" for name in tests)
    path.write_text(f"version: 1\nrule-set: {rule_set}\ntests:\n{listed}", encoding="utf-8")
    return path


def found(*paths: Path) -> dict[str, list[str]]:
    """The names of tests by rule set."""
    read = read_suites(paths, read_rule_set)
    assert read.mistakes == ()
    return {each.path.name: [placed.test.name for placed in each.tests] for each in read.suites}


def complaints(*paths: Path) -> list[str]:
    return [str(mistake) for mistake in read_suites(paths, read_rule_set).mistakes]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A directory as an administrator has it: rule sets, test files, and other things."""
    rules(tmp_path / "login.yaml", "one")
    write_tests(tmp_path / "login.test.yaml", "login.yaml", "two")
    write_tests(tmp_path / "login.tables.test.yml", "./login.yaml", "three")
    rules(tmp_path / "other.yaml")
    (tmp_path / "gateway.yaml").write_text("version: 1\nname: gateway\nrules: login.yaml\n", encoding="utf-8")
    (tmp_path / "notes.yaml").write_text("[", encoding="utf-8")
    (tmp_path / "tests").mkdir()
    write_tests(tmp_path / "tests" / "more.test.yaml", "../other.yaml", "four")
    (tmp_path / ".git").mkdir()
    rules(tmp_path / ".git" / "hidden.yaml", "five")
    rules(tmp_path / ".hidden.yaml", "six")
    return tmp_path


def test_a_rule_set_file_brings_its_tests_and_those_beside_it(house: Path) -> None:
    assert found(house / "login.yaml") == {"login.yaml": ["one", "three", "two"]}


def test_a_test_file_brings_its_own_tests_to_the_rule_set_that_it_names(house: Path) -> None:
    assert found(house / "login.test.yaml") == {"login.yaml": ["two"]}


def test_a_directory_brings_everything_in_it_and_below_it(house: Path) -> None:
    assert found(house) == {"login.yaml": ["three", "two", "one"], "other.yaml": ["four"]}


def test_what_is_named_twice_is_read_and_run_once(house: Path) -> None:
    reads: Counter[str] = Counter()

    def read(path: Path) -> RuleSetFile:
        reads[path.name] += 1
        return read_rule_set(path)

    twice: Suites = read_suites([house, house / "tests" / ".." / "login.yaml", house / "login.test.yaml"], read)
    assert [len(each.tests) for each in twice.suites] == [3, 1]
    assert reads == {"login.yaml": 1, "other.yaml": 1}


def test_every_test_knows_its_place(house: Path) -> None:
    (suite,) = read_suites([house / "login.yaml"], read_rule_set).suites
    assert [str(each.place) for each in suite.tests] == [
        f"{house / 'login.yaml'}:7:5",
        f"{house / 'login.tables.test.yml'}:4:5",
        f"{house / 'login.test.yaml'}:4:5",
    ]


def test_a_rule_set_in_a_directory_that_cannot_be_read_is_complained_about(house: Path) -> None:
    (house / "broken.yaml").write_text("version: 1\nmode: per-app\nrules:\n  - [\n", encoding="utf-8")
    (complaint,) = complaints(house)
    assert complaint.startswith(f"{house / 'broken.yaml'}:")


def test_a_rule_set_that_is_not_there_is_a_mistake_in_the_test_file(tmp_path: Path) -> None:
    path = write_tests(tmp_path / "a.test.yaml", "gone.yaml", "t")
    assert complaints(path) == [f"{path}:2:11: rule-set 'gone.yaml': there is no such file beside this one"]
    assert tmp_path / "gone.yaml" in read_suites([path], read_rule_set).files


def test_mistakes_of_a_rule_set_are_said_once_however_many_tests_name_it(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("version: 2\n", encoding="utf-8")
    for name in ("a", "b"):
        write_tests(tmp_path / f"{name}.test.yaml", "r.yaml", "t")
    found_there = complaints(tmp_path)
    assert found_there
    assert len(set(found_there)) == len(found_there)
    assert all(each.startswith(f"{tmp_path / 'r.yaml'}:") for each in found_there)


def test_a_name_that_no_rule_has_is_found_across_files(tmp_path: Path) -> None:
    rules(tmp_path / "r.yaml")
    path = tmp_path / "a.test.yaml"
    write_tests(path, "r.yaml", "t")
    path.write_text(path.read_text(encoding="utf-8").replace("action: bypass", "rule: absent"), encoding="utf-8")
    assert complaints(path) == [f"{path}:4:70: rule 'absent': no rule has this name"]


def test_a_file_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "gone.yaml"
    assert complaints(path) == [f"{path}:1:1: cannot read this file: No such file or directory"]


def test_a_directory_behind_a_link_is_not_walked(house: Path) -> None:
    (house / "tests" / "round").symlink_to(house)
    assert sorted(path.name for path in files_at(house)) == [
        "login.tables.test.yml", "login.test.yaml", "login.yaml", "more.test.yaml", "other.yaml"
    ]  # fmt: skip
