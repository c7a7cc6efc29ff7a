"""YAML as plain data, with the place of every key and value in it.

Scalars follow YAML 1.2's core schema: `no`, `on` and `12:30` are text, not a boolean and not a number. JSON reads too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from dtr_rules.bounded_yaml import Collection, Node, Scalar, read_tree
from dtr_rules.characters import SHOWN_AT_MOST, strange, strange_in_value
from dtr_rules.mistakes import Mistake, Place
from dtr_rules.yaml_events import NotYamlError

KeyPath = tuple[str | int, ...]

_MAX_DIGITS: Final = 100  # Python refuses to read or show numbers of thousands of digits
_SCALARS: Final = re.compile(
    r"(?P<null>~|null|Null|NULL|)|(?P<true>true|True|TRUE)|(?P<false>false|False|FALSE)|"
    r"(?P<int>[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)|"
    r"(?P<float>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
)
_FIRST_OF_SCALARS: Final = frozenset("~nNtTfF-+.0123456789")


class Document:
    """One YAML document on its way to plain data: the place of every value, and what was wrong before any model."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[KeyPath, Place] = {}
        self.keys: dict[KeyPath, Place] = {}
        self.mistakes: list[Mistake] = []
        self.unfit: set[Place] = set()
        """Where a text holds what no text may hold, so that nothing else need be said of it."""

    def load(self, text: str) -> object:
        """The document as plain data, whatever can be read of it beside its `mistakes`; None where nothing can."""
        text = text.removeprefix("\ufeff")
        found = list(islice(strange(text), SHOWN_AT_MOST))
        self.mistakes += [Mistake(self._place_of(text, at), message) for at, message in found]
        if any(text[at] != "\t" for at, _ in found):
            return None
        stars: list[NotYamlError] = []
        try:
            node = read_tree(text.replace("\t", " ") if found else text, stars)
        except NotYamlError as error:
            if not found:  # else it may be the tab that broke the grammar
                self._add(error, str(error))
            return None
        finally:
            for star in stars:
                self._add(star, str(star))
        if node is None:
            self.mistakes.append(Mistake(Place(self.file, 1, 1), "empty file"))
            return None
        return self._value(node, ())

    def _value(self, node: Node, path: KeyPath) -> object:
        self.places[path] = self._place(node.mark)
        if isinstance(node, Scalar):
            return self._scalar(node)
        if node.is_mapping:
            return dict(self._pairs(node, path))
        return [self._value(item, (*path, index)) for index, item in enumerate(node.items)]

    def _pairs(self, node: Collection, path: KeyPath) -> Iterator[tuple[str, object]]:
        by_turns = iter(node.items)
        for key_node, value_node in zip(by_turns, by_turns, strict=True):
            if not isinstance(key_node, Scalar):
                self._add(key_node.mark, "a key must be text; a value that starts with '[' or '{' must be quoted")
                continue
            key, at = key_node.text, (*path, key_node.text)
            if at in self.keys:
                first = self.keys[at].line
                self._add(key_node.mark, f"{_short(key)} stands here for the second time (first at line {first})")
                continue
            self.keys[at] = self._place(key_node.mark)
            self._check_text(key_node)
            yield key, self._value(value_node, at)

    def _scalar(self, node: Scalar) -> object:
        text = node.text
        if not node.is_plain:
            self._check_text(node)
            return text
        if text and text[0] not in _FIRST_OF_SCALARS:
            return text
        found = _SCALARS.fullmatch(text)
        if found is None:
            return text
        if len(text) > _MAX_DIGITS:
            self._add(node.mark, f"a number of more than {_MAX_DIGITS} digits; if it is text, quote it")
            return text
        return _meaning(str(found.lastgroup), text)

    def _check_text(self, node: Scalar) -> None:
        wrong = strange_in_value(node.text)
        if wrong is not None:
            self._add(node.mark, wrong)
            self.unfit.add(self._place(node.mark))

    def _place(self, mark: Any) -> Place:
        return Place(self.file, mark.line + 1, mark.column + 1)

    def _place_of(self, text: str, at: int) -> Place:
        return Place(self.file, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))

    def _add(self, mark: Any, message: str) -> None:
        self.mistakes.append(Mistake(self._place(mark), message))


def _meaning(kind: str, text: str) -> object:
    """A plain scalar by YAML 1.2's core schema."""
    match kind:
        case "null":
            return None
        case "true" | "false":
            return kind == "true"
        case "int":
            return int(text, 0) if text[:2] in ("0x", "0o") else int(text)
        case _:
            return float(text)


def _short(text: str) -> str:
    return f"'{text}'" if len(text) <= 80 else f"'{text[:76]}…'"
