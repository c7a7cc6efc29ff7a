"""Watching: what runs again when, without a clock."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pytest

from dtr_rules import read_rule_set
from dtr_rules.suites import Suites, read_suites
from dtr_rules.watching import watch

RULES = "version: 1\nname: s\nmode: per-app\ndefault: bypass\nrules: []\n"
TESTS = "version: 1\nrule-set: {}\ntests: [{{name: t, flow: {{platform: ios, host: a}}, expect: {{action: bypass}}}}]\n"


class EnoughError(Exception):
    """The end of a test: nothing is left to happen."""


def write(path: Path, text: str) -> None:
    """Write as an editor does, with a new file: the time of the last change need not differ between two writes."""
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def watched(path: Path, *happenings: Callable[[], object]) -> tuple[list[list[str]], list[int]]:
    """What changed before each run, and how many tests each run had, while `happenings` come to pass."""
    left = list(happenings)
    changes: list[list[str]] = []
    counts: list[int] = []

    def wait() -> None:
        if not left:
            raise EnoughError
        left.pop(0)()

    def run(suites: Suites, changed: frozenset[Path]) -> None:
        changes.append(sorted(file.name for file in changed))
        counts.append(-1 if suites.mistakes else sum(len(suite.tests) for suite in suites.suites))

    with pytest.raises(EnoughError):
        watch([path], read=functools.partial(read_suites, [path], read_rule_set), run=run, wait=wait)
    return changes, counts


@pytest.fixture
def house(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "tests").mkdir()
    write(tmp_path / "rules" / "r.yaml", RULES)
    write(tmp_path / "tests" / "a.test.yaml", TESTS.format("../rules/r.yaml"))
    return tmp_path


def test_nothing_runs_twice_while_nothing_changes(house: Path) -> None:
    assert watched(house / "tests" / "a.test.yaml", lambda: None, lambda: None) == ([[]], [1])


def test_a_rule_set_that_only_a_test_file_names_is_watched(house: Path) -> None:
    changes, counts = watched(house / "tests", lambda: write(house / "rules" / "r.yaml", f"{RULES}\n"))
    assert (changes, counts) == ([[], ["r.yaml"]], [1, 1])


def test_files_come_and_go(house: Path) -> None:
    new = house / "tests" / "b.test.yaml"
    changes, counts = watched(
        house / "tests", lambda: write(new, TESTS.format("../rules/r.yaml")), lambda: None, new.unlink
    )
    assert (changes, counts) == ([[], ["b.test.yaml"], ["b.test.yaml"]], [1, 2, 1])


def test_a_test_file_that_appears_beside_the_rule_set_is_seen(house: Path) -> None:
    beside = house / "rules" / "r.more.test.yaml"
    changes, counts = watched(house / "rules" / "r.yaml", lambda: write(beside, TESTS.format("r.yaml")))
    assert (changes, counts) == ([[], ["r.more.test.yaml"]], [0, 1])


def test_a_broken_file_and_a_missing_one_are_waited_for(house: Path) -> None:
    rules = house / "rules" / "r.yaml"
    changes, counts = watched(
        house / "tests",
        lambda: write(rules, "version: 2\n"),
        rules.unlink,
        lambda: write(rules, RULES),
    )
    assert (changes, counts) == ([[], ["r.yaml"], ["r.yaml"], ["r.yaml"]], [1, -1, -1, 1])


def test_a_change_during_a_run_is_not_lost(house: Path) -> None:
    path, runs = house / "rules" / "r.yaml", 0

    def run(suites: Suites, changed: frozenset[Path]) -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            write(path, f"{RULES}tests: [{{name: t, flow: {{platform: ios, host: a}}, expect: {{action: bypass}}}}]\n")
        else:
            assert (len(suites.suites[0].tests), changed) == (1, frozenset({path}))
            raise EnoughError

    def wait() -> None:
        pytest.fail("a change is there and nothing runs")

    with pytest.raises(EnoughError):
        watch([path], read=functools.partial(read_suites, [path], read_rule_set), run=run, wait=wait)
