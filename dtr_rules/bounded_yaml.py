"""A YAML document as a tree whose size is known before anything is made of it.

Aliases repeat what they name each time they are read, and brackets nest: a small file must neither grow without end nor
go deeper than a program can follow. Both are counted while the events come, so nothing too large is ever built.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import yaml

from dtr_rules.yaml_events import NotYamlError, TooLargeError, from_events

MAX_VALUES: Final = 250_000
MAX_DEPTH: Final = 64

_BLOCK: Final = ("|", ">")
_NO_COMMENT: Final = re.compile(r"(?:&\S+\s+)?[|>][-+0-9]*#")


@dataclass(slots=True)
class Scalar:
    """A text, and whether it is written plain, without quotes."""

    mark: Any
    text: str
    is_plain: bool


@dataclass(slots=True)
class Collection:
    """A list; or a mapping, as a list of its keys and values by turns."""

    mark: Any
    is_mapping: bool
    is_flow: bool
    """Whether it is written in brackets or braces."""
    items: list[Node] = field(default_factory=list)
    depth: int = 1
    """How deep it goes with all that is in it, itself included."""
    size: int = 0
    """How many values it is with all that is in it, aliases read; 0 while it is not read to its end."""

    @property
    def awaits_value(self) -> bool:
        """Whether a key came last."""
        return self.is_mapping and len(self.items) % 2 == 1


Node: TypeAlias = Scalar | Collection


def read_tree(text: str, stars: list[NotYamlError]) -> Node | None:
    """The one document of `text`; None where it holds none. Raises NotYamlError.

    Values that start with a `*` without quotes are read as text and added to `stars`.
    """
    return from_events(text, lambda events: _Builder(text).read(events), stars)


class _Builder:
    """Puts the events together."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._root: Node | None = None
        self._open: list[Collection] = []
        self._opened_at: list[int] = []
        self._anchors: dict[str, Node] = {}
        self._values = 0

    def read(self, events: Iterator[Any]) -> Node | None:
        for event in events:
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._scalar(event)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                is_mapping = kind is yaml.MappingStartEvent
                self._start(event, Collection(event.start_mark, is_mapping, event.flow_style))
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._end()
            elif kind is yaml.AliasEvent:
                self._alias(event)
            elif kind is yaml.DocumentStartEvent and self._root is not None:
                raise NotYamlError.at(event.start_mark, "a second document starts here; a file holds one")
        return self._root

    def _scalar(self, event: Any) -> None:
        within = self._open[-1] if self._open else None
        mark, is_plain = event.start_mark, event.implicit[0]
        if is_plain and within is not None and within.is_flow:
            self._check_in_brackets(event)
        if event.style in _BLOCK and _NO_COMMENT.match(self._text, mark.index):
            raise NotYamlError.at(mark, "'#' behind '|'")  # a comment to libyaml alone
        if is_plain and not event.value:
            if within is None:
                return  # an empty file, however many dashes it holds
            if within.awaits_value:
                mark = within.items[-1].mark  # nothing has no place that both parsers agree on; its key has
            elif within.is_mapping:
                raise NotYamlError.at(mark, "a key is missing before ':'")
        self._add(event, Scalar(mark, event.value, is_plain))

    def _check_in_brackets(self, event: Any) -> None:
        """Refuse what libyaml alone takes for a text; PyYAML's own parser then says what is wrong."""
        written = self._text[event.start_mark.index : event.end_mark.index]
        if "?" in written or "\t" in written:
            raise NotYamlError.at(event.start_mark, "'?' or a tab in a text between brackets")

    def _add(self, event: Any, node: Node) -> None:
        if event.tag is not None:
            tag = event.tag.removeprefix("tag:yaml.org,2002:").lstrip("!")
            raise NotYamlError.at(event.start_mark, f"the tag '!{tag}' has no meaning here; remove it")
        anchor = event.anchor
        if anchor is not None:
            if anchor in self._anchors:
                first = self._anchors[anchor].mark.line + 1
                raise NotYamlError.at(event.start_mark, f"'&{anchor}' stands here for the second time (line {first})")
            self._anchors[anchor] = node
        self._put(node, 1, event)

    def _put(self, node: Node, values: int, event: Any) -> None:
        self._values += values
        if self._values > MAX_VALUES:
            raise TooLargeError.at(event.start_mark, f"more than {MAX_VALUES} values once its aliases are read")
        if self._open:
            self._open[-1].items.append(node)
        else:
            self._root = node

    def _start(self, event: Any, collection: Collection) -> None:
        self._opened_at.append(self._values)
        self._add(event, collection)
        self._open.append(collection)
        if len(self._open) > MAX_DEPTH:
            raise TooLargeError.at(event.start_mark, f"nested more than {MAX_DEPTH} deep")

    def _end(self) -> None:
        done = self._open.pop()
        done.size = self._values - self._opened_at.pop()
        self._deepen(done.depth)

    def _alias(self, event: Any) -> None:
        found = self._anchors.get(event.anchor)
        if found is None:
            raise NotYamlError.at(event.start_mark, f"'*{event.anchor}' names nothing")  # libyaml alone comes here
        if isinstance(found, Scalar):
            self._put(found, 1, event)
            return
        if not found.size:
            raise NotYamlError.at(event.start_mark, f"'*{event.anchor}' stands inside what it names")
        if len(self._open) + found.depth > MAX_DEPTH:
            raise TooLargeError.at(event.start_mark, f"nested more than {MAX_DEPTH} deep once its aliases are read")
        self._put(found, found.size, event)
        self._deepen(found.depth)

    def _deepen(self, depth: int) -> None:
        if self._open:
            self._open[-1].depth = max(self._open[-1].depth, depth + 1)
