"""YAML as plain data, with the place of every key and value in it.

Scalars follow YAML 1.2's core schema: `no`, `on` and `12:30` are text, not a boolean and not a number. JSON reads too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from dtr_rules.mistakes import Mistake, Place

MAX_NODES: Final = 500_000  # aliases repeat a node each time they are read: a small file must not grow without end

KeyPath = tuple[str | int, ...]


class _CoreLoader(yaml.SafeLoader):
    """PyYAML with YAML 1.2's core schema for plain scalars."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012  PyYAML's stub makes it an instance variable


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    _CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first)


class Document:
    """One YAML document on its way to plain data: the place of every value, and what was wrong before any model."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[KeyPath, Place] = {}
        self.keys: dict[KeyPath, Place] = {}
        self.mistakes: list[Mistake] = []
        self._nodes = 0

    def load(self, text: str) -> object:
        try:
            node = _CoreLoader(text).get_single_node()
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            column = error.position - text.rfind("\n", 0, error.position)
            words = f"the character U+{ord(text[error.position]):04X} may not stand in YAML; remove it"
            self.mistakes.append(Mistake(Place(self.file, line, column), words))
            return None
        except yaml.MarkedYAMLError as error:
            self._add(*_syntax_mistake(error, text))
            return None
        except RecursionError:
            self._add(None, "nested too deeply")
            return None
        if node is None:
            self._add(None, "empty file")
            return None
        self.places[()] = self._place(node.start_mark)
        try:
            return self._value(node, ())
        except RecursionError:
            self._add(node.start_mark, "nested too deeply, or an alias that contains itself")
            return None

    def _value(self, node: yaml.Node, path: KeyPath) -> object:
        self._nodes += 1
        self.places[path] = self._place(node.start_mark)
        if self._nodes > MAX_NODES:
            if self._nodes == MAX_NODES + 1:
                self._add(node.start_mark, f"more than {MAX_NODES} values once its aliases are read")
            return None
        if isinstance(node, yaml.MappingNode):
            return dict(self._pairs(node, path))
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _pairs(self, node: yaml.MappingNode, path: KeyPath) -> Iterator[tuple[str, object]]:
        seen: set[str] = set()
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._add(key_node.start_mark, "a key must be text")
                continue
            key = str(key_node.value)
            if key in seen:
                first = self.keys[(*path, key)]
                self._add(
                    key_node.start_mark,
                    f"'{key}' stands here for the second time (first at line {first.line})",
                )
                continue
            seen.add(key)
            self.keys[(*path, key)] = self._place(key_node.start_mark)
            yield key, self._value(value_node, (*path, key))

    def _scalar(self, node: yaml.Node) -> object:
        kind, text = node.tag.removeprefix("tag:yaml.org,2002:"), str(node.value)
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "int":
            return int(text, 0) if text[:2] in ("0x", "0o") else int(text)
        if kind == "float":
            return float(text)
        if kind != "str":
            self._add(node.start_mark, f"the tag '!{kind.lstrip('!')}' has no meaning here; remove it")
        return text

    def _place(self, mark: Any) -> Place:
        return Place(self.file, mark.line + 1, mark.column + 1)

    def _add(self, mark: Any, message: str) -> None:
        place = Place(self.file, 1, 1) if mark is None else self._place(mark)
        self.mistakes.append(Mistake(place, message))


def _syntax_mistake(error: yaml.MarkedYAMLError, text: str) -> tuple[Any, str]:
    """Where YAML's grammar is broken, and how to say so."""
    start = error.context_mark or error.problem_mark
    if start is not None and text[start.index : start.index + 1] == "*":
        found = re.match(r"[^\s,\]}#]+", text[start.index :])
        word = found[0] if found else "*"
        return start, f"a value that starts with '*' must be quoted: write \"{word}\""
    context = f" ({error.context})" if error.context else ""
    return error.problem_mark or start, f"not YAML: {error.problem or 'cannot be read'}{context}"
