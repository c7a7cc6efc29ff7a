"""Our YAML as text: of plain data, and in canonical form of a text that a person wrote, comments kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dtr_rules.formats.test_file import TestFileEntry
from dtr_rules.formats.yaml import SetEntry, parse_rule_set
from dtr_rules.formats.yaml_layout import write
from dtr_rules.formats.yaml_order import put_in_order
from dtr_rules.formats.yaml_tree import Tree, UnusualYamlError, comments, parse_tree, tree_of
from dtr_rules.located_yaml import Document
from dtr_rules.source import Mistake, Place, UnusableFileError, parse


def write_yaml(data: Mapping[str, Any]) -> str:
    """The text of a rule set file of ours, given as plain data."""
    return _written(tree_of(dict(data)), SetEntry)


def plain_data(text: str) -> dict[str, Any]:
    """The plain data of a YAML text that has been read without a mistake."""
    data = Document("").load(text)
    return data if isinstance(data, dict) else {}


def canonical_rule_set(text: str, file: str) -> str:
    """A rule set file of ours in canonical form: it means the same and holds the same comments.

    Raises UnusableFileError for a file that cannot be read, and for one that cannot be formatted safely.
    """
    before = parse_rule_set(text, file)
    formatted = _canonical(text, file, SetEntry)
    after = parse_rule_set(formatted, file)
    if (before.rule_set.digest, before.tests, before.silences) != (after.rule_set.digest, after.tests, after.silences):
        raise _refused(file, "the formatted text would mean something else")
    return formatted


def canonical_tests(text: str, file: str) -> str:
    """A test file in canonical form. Raises UnusableFileError, as `canonical_rule_set` does."""
    parse(text, file, TestFileEntry)
    return _canonical(text, file, TestFileEntry)


def _canonical(text: str, file: str, model: type[SetEntry | TestFileEntry]) -> str:
    data = plain_data(text)
    try:
        formatted = _written(parse_tree(text, data), model)
        same = comments(formatted) == comments(text)
    except UnusualYamlError as error:
        raise _refused(file, str(error)) from error
    if not same:
        raise _refused(file, "a comment would be lost")
    if _in_one_form(plain_data(formatted)) != _in_one_form(data):
        raise _refused(file, "the formatted text would say something else")
    return formatted


def _written(tree: Tree, model: type[SetEntry | TestFileEntry]) -> str:
    put_in_order(tree.root, model)
    return write(tree)


def _in_one_form(data: object) -> str:
    return json.dumps(data, sort_keys=True)


def _refused(file: str, why: str) -> UnusableFileError:
    return UnusableFileError([Mistake(Place(file, 1, 1), f"not formatted: {why}")])
