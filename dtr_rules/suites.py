"""Which tests there are: the rule set files and `*.test.yaml` files that a person names, or that stand in a
directory, read and put together by the rule set that they are about."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dtr_rules.expectations import RuleTest
from dtr_rules.formats.test_file import SUFFIXES, TestFile, is_test_file, mistakes_about_rules, read_test_file
from dtr_rules.formats.yaml import RuleSetFile
from dtr_rules.source import MAX_BYTES, Mistake, Place, UnusableFileError

ReadRuleSet = Callable[[Path], RuleSetFile]

YAML: Final = (".yaml", ".yml")
_KEYS_OF_A_RULE_SET = ("mode", "rules")


@dataclass(frozen=True, slots=True)
class PlacedTest:
    """A test and where it stands."""

    test: RuleTest
    place: Place


@dataclass(frozen=True, slots=True)
class Suite:
    """A rule set file and every test that is to be run on it."""

    path: Path
    file: RuleSetFile
    tests: tuple[PlacedTest, ...]


@dataclass(frozen=True, slots=True)
class Suites:
    """Everything that was read, and what could not be."""

    suites: tuple[Suite, ...]
    mistakes: tuple[Mistake, ...]
    files: frozenset[Path]
    """Every file that was looked for, whether it could be read or not."""


def read_suites(paths: Iterable[Path], read_rule_set: ReadRuleSet) -> Suites:
    """Read what `paths` name.

    A rule set file brings its own tests and those of `NAME.test.yaml` and `NAME.*.test.yaml` beside it; a test file
    brings its tests to the rule set that it names; a directory brings every test file and every rule set in it and
    below it.
    """
    reading = _Reading(read_rule_set)
    for path in paths:
        for file in files_at(path):
            reading.add(file)
    return reading.result()


def files_at(path: Path) -> list[Path]:
    """The test files and rule set files that `path` stands for: itself, or what a directory holds, sorted."""
    if not path.is_dir():
        return [path, *_beside(path)]
    return [file for file in sorted(yaml_files(path)) if is_test_file(file) or _looks_like_rules(file)]


def yaml_files(directory: Path) -> Iterator[Path]:
    """Every YAML file in `directory` and below it; nothing hidden, and no directory behind a symbolic link."""
    for parent, directories, names in os.walk(directory):
        directories[:] = [name for name in directories if not name.startswith(".")]
        yield from (Path(parent, name) for name in names if name.endswith(YAML) and not name.startswith("."))


def _beside(path: Path) -> list[Path]:
    if is_test_file(path):
        return []
    stem, parent = path.name.removesuffix(path.suffix), path.parent
    try:
        names = [each.name for each in parent.iterdir()]
    except OSError:
        return []
    return sorted(parent / name for name in names if name.startswith(f"{stem}.") and name.endswith(SUFFIXES))


def _looks_like_rules(path: Path) -> bool:
    """Whether a YAML file in a directory means to be a rule set. One that cannot be read shall be complained about."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as stream:
            text = stream.read(MAX_BYTES)
    except OSError:
        return True
    start = "" if text.lstrip().startswith("{") else "^"  # in a flow mapping a key may stand anywhere in a line
    keys = (re.compile(rf"""{start}["']?{key}["']?\s*:""", re.MULTILINE) for key in _KEYS_OF_A_RULE_SET)
    return all(key.search(text) for key in keys)


@dataclass(slots=True)
class _Reading:
    """Suites on their way: each file is read once, however often it is named."""

    read_rule_set: ReadRuleSet
    rule_sets: dict[Path, tuple[Path, RuleSetFile | None]] = field(default_factory=dict)
    tests: dict[Path, list[PlacedTest]] = field(default_factory=dict)
    mistakes: dict[Mistake, None] = field(default_factory=dict)
    files: set[Path] = field(default_factory=set)
    added: set[Path] = field(default_factory=set)

    def add(self, path: Path) -> None:
        key = Path(os.path.realpath(path))
        if key in self.added:
            return
        self.added.add(key)
        if is_test_file(path):
            self._add_test_file(path)
        elif (read := self._rule_set(path)) is not None:
            self._add_tests(path, [PlacedTest(test, read.source.place("tests", test.entry)) for test in read.tests])

    def result(self) -> Suites:
        suites = [
            Suite(path, read, tuple(self.tests[key]))
            for key, (path, read) in self.rule_sets.items()
            if read is not None
        ]
        return Suites(tuple(suites), tuple(self.mistakes), frozenset(self.files))

    def _add_test_file(self, path: Path) -> None:
        self.files.add(path)
        try:
            file = read_test_file(path)
        except UnusableFileError as error:
            self._complain(error.mistakes)
            return
        named = Path(os.path.normpath(file.rule_set))
        read = self._named(file, named)
        if read is None:
            return
        unknown = list(mistakes_about_rules(file, [rule.name for rule in read.rule_set.rules]))
        self._complain(unknown)
        if not unknown:
            tests = [PlacedTest(test, file.source.place("tests", test.entry)) for test in file.tests]
            self._add_tests(named, tests)

    def _named(self, file: TestFile, path: Path) -> RuleSetFile | None:
        if path.is_file():
            return self._rule_set(path)
        self.files.add(path)
        message = f"rule-set '{file.source.content.rule_set}': there is no such file beside this one"
        self._complain([file.source.mistake(message, "rule-set")])
        return None

    def _rule_set(self, path: Path) -> RuleSetFile | None:
        key = Path(os.path.realpath(path))
        if key not in self.rule_sets:
            self.files.add(path)
            self.tests[key] = []
            self.rule_sets[key] = (path, self._read(path))
        return self.rule_sets[key][1]

    def _read(self, path: Path) -> RuleSetFile | None:
        try:
            return self.read_rule_set(path)
        except UnusableFileError as error:
            self._complain(error.mistakes)
            return None

    def _add_tests(self, rule_set: Path, tests: list[PlacedTest]) -> None:
        self.tests[Path(os.path.realpath(rule_set))] += tests

    def _complain(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes.update(dict.fromkeys(mistakes))
