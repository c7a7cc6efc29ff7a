"""A `*.test.yaml` file: tests that do not stand beside the rules, and the rule set file that they are about.

    version: 1
    rule-set: rules.yaml             # relative to this file
    tests:
      - name: Outlook signs in through the tunnel
        flow: {platform: ios, app: com.microsoft.Office.Outlook, host: acme.okta.com}
        expect: {action: tunnel, rule: identity-providers}

The entries under `tests` are those of a rule set file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, ModelWrapValidatorHandler, model_validator

from dtr_rules import source
from dtr_rules.expectations import RuleTest
from dtr_rules.formats.contradiction import with_contradictions
from dtr_rules.formats.fields import NonEmpty
from dtr_rules.formats.test_consistency import test_contradictions, unknown_rules
from dtr_rules.formats.test_entries import TestEntry, rule_tests
from dtr_rules.source import FormatVersion, Mistake, Model

SUFFIXES = (".test.yaml", ".test.yml")


@dataclass(frozen=True, slots=True)
class TestFile:
    """A test file that was read: its tests, and the rule set file that it names."""

    path: Path
    rule_set: Path
    """As this file's directory sees it."""
    tests: tuple[RuleTest, ...]
    source: source.Source[TestFileEntry]


def is_test_file(path: Path) -> bool:
    """Whether the name of the file says that it holds tests alone."""
    return path.name.endswith(SUFFIXES)


def read_test_file(path: Path) -> TestFile:
    """Read the test file at `path`, not the rule set that it names. Raises UnusableFileError."""
    read = source.read(path, TestFileEntry)
    return TestFile(path, path.parent / read.content.rule_set, rule_tests(read.content.tests), read)


def mistakes_about_rules(file: TestFile, rules: Sequence[str]) -> Iterator[Mistake]:
    """The names of rules in `file` that the set, whose rules are `rules`, does not have."""
    for index, entry in enumerate(file.source.content.tests):
        expect = entry.expect.model_dump(by_alias=True, exclude_none=True)
        for found in unknown_rules(("tests", index, "expect"), expect, rules):
            yield file.source.mistake(f"{found.path[3]} '{found.value}': {found.message}", *found.path)


def _path(text: str) -> str:
    if not text.strip() or "\0" in text:
        raise ValueError("is no file; name the rule set file that the tests are about")
    return text


class TestFileEntry(Model):
    """A test file."""

    version: FormatVersion
    rule_set: Annotated[str, AfterValidator(_path)]
    tests: Annotated[tuple[TestEntry, ...], NonEmpty]

    @model_validator(mode="wrap")
    @classmethod
    def _with_contradictions(cls, data: Any, handler: ModelWrapValidatorHandler[TestFileEntry]) -> TestFileEntry:
        found = test_contradictions(data, rules=None) if isinstance(data, dict) else ()
        return with_contradictions(cls.__name__, data, handler, found)
