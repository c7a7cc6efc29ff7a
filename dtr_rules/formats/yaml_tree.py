"""A YAML file as a tree that keeps its comments, blank lines and anchors: what `dtr fmt` moves about.

A comment on a line of its own belongs to what follows it, or to the end of a list or mapping where it stands deeper
than what follows; one behind something belongs to that.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_COMMENT = re.compile("#[^\n\r\x85\u2028\u2029]*")
_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*[ \t]+(#[^\n\r]*)")
_UNREACHED: Final = -1
_LOADER: Final[Any] = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)  # ten times as fast; safe on what has been read before


class UnusualYamlError(Exception):
    """YAML that the reader may take and this tree cannot hold."""


@dataclass(slots=True)
class Node:
    """A value. `entries` is None for a scalar and for an alias; `value` is a scalar's."""

    value: Any = None
    entries: list[Entry] | None = None
    is_mapping: bool = False
    anchor: str | None = None
    alias_of: Node | None = None
    foot: list[str] = field(default_factory=list)
    """Comments behind the last entry, with an empty text for a blank line."""
    start: int = _UNREACHED
    end: int = _UNREACHED
    column: int = 0
    is_flow: bool = False


@dataclass(slots=True)
class Entry:
    """An item of a list, or a key of a mapping with its value."""

    value: Node
    key: str | None = None
    above: list[str] = field(default_factory=list)
    """Comments above, with an empty text for a blank line."""
    beside: list[str] = field(default_factory=list)
    """Comments behind it on its line; several where it is written over several lines."""
    start: int = _UNREACHED
    column: int = 0


@dataclass(slots=True)
class Tree:
    """A document: the comments at its head, and its one value."""

    root: Node
    head: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Comment:
    index: int
    column: int
    text: str
    alone: bool
    """Whether nothing else stands on its line."""
    after_blank: bool


def tree_of(data: Any) -> Tree:
    """The tree of plain data, without comments."""
    return Tree(_node_of(data))


def parse_tree(text: str, data: Any) -> Tree:
    """The tree of `text`, which the reader has read as `data`. Raises UnusualYamlError."""
    try:
        tree = _Building(text, data).tree()
        for comment in _comments(text):
            _attach(tree, comment)
        _keep_blank_lines(tree, text)
    except (yaml.YAMLError, RecursionError) as error:
        raise UnusualYamlError(str(error)) from error
    return tree


def comments(text: str) -> list[str]:
    """All comments of a YAML text, sorted: what must be the same after formatting. Raises UnusualYamlError."""
    try:
        return sorted(comment.text for comment in _comments(text))
    except yaml.YAMLError as error:
        raise UnusualYamlError(str(error)) from error


def _node_of(data: Any) -> Node:
    if isinstance(data, dict):
        return Node(entries=[Entry(_node_of(value), key) for key, value in data.items()], is_mapping=True)
    if isinstance(data, list):
        return Node(entries=[Entry(_node_of(item)) for item in data])
    return Node(value=data)


# --- structure -----------------------------------------------------------------------------------------------------


class _Building:
    """A tree from the parser's events; the values of scalars come from what the reader has read."""

    def __init__(self, text: str, data: Any) -> None:
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=_LOADER))
        self._data = data
        self._dashes = [
            (_start(token).index, _start(token).column)
            for token in _tokens(text)
            if isinstance(token, yaml.BlockEntryToken)
        ]
        self._anchors: dict[str, Node] = {}

    def tree(self) -> Tree:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                return Tree(self._node(next(self._events), self._data))
        raise UnusualYamlError("no document")

    def _node(self, event: Any, data: Any) -> Node:
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise UnusualYamlError("an alias that contains itself")
            return Node(alias_of=self._anchors[event.anchor], start=_start(event).index, end=_end(event).index)
        mark = _start(event)
        node = Node(anchor=event.anchor, start=mark.index, end=_end(event).index, column=mark.column)
        if isinstance(event, yaml.ScalarEvent):
            node.value = data
        elif isinstance(event, yaml.MappingStartEvent):
            self._mapping(node, event, data)
        else:
            self._sequence(node, event, data)
        if event.anchor is not None:
            if event.anchor in self._anchors:
                raise UnusualYamlError(f"the anchor '&{event.anchor}' stands here twice")
            self._anchors[event.anchor] = node
        return node

    def _mapping(self, node: Node, event: Any, data: Any) -> None:
        node.is_mapping, node.is_flow, node.entries = True, bool(event.flow_style), []
        for key in self._events:
            if isinstance(key, yaml.MappingEndEvent):
                node.end = _end(key).index
                return
            if not isinstance(key, yaml.ScalarEvent) or key.anchor:
                raise UnusualYamlError("a key that is no plain text")
            entry = Entry(self._node(next(self._events), data[key.value]), key.value)
            entry.start, entry.column = _start(key).index, _start(key).column
            node.entries.append(entry)

    def _sequence(self, node: Node, event: Any, data: Any) -> None:
        node.is_flow, node.entries = bool(event.flow_style), []
        for item in self._events:
            if isinstance(item, yaml.SequenceEndEvent):
                node.end = _end(item).index
                return
            entry = Entry(self._node(item, data[len(node.entries)]))
            entry.start, entry.column = _start(item).index, _start(item).column
            if not node.is_flow:  # the item begins with its dash
                entry.start, entry.column = self._dashes[bisect.bisect_left(self._dashes, (entry.start, 0)) - 1]
            node.entries.append(entry)


def _tokens(text: str) -> Iterator[Any]:
    yield from yaml.scan(text, Loader=_LOADER)


def _start(thing: Any) -> Any:
    """Where a token or event begins; those that come from a text always say so."""
    return thing.start_mark


def _end(thing: Any) -> Any:
    return thing.end_mark


# --- comments ------------------------------------------------------------------------------------------------------


def _comments(text: str) -> Iterator[_Comment]:
    lines = [0, *(found.end() for found in _BREAK.finditer(text))]
    end = 0
    for token in _tokens(text):
        start = _start(token).index
        yield from _in_gap(text, lines, end, start)
        if isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
            header = _BLOCK_HEADER.match(text, start)
            if header is not None:
                yield _Comment(header.start(1), 0, header[1].rstrip(), alone=False, after_blank=False)
        end = max(end, _end(token).index)
    yield from _in_gap(text, lines, end, len(text))


def _in_gap(text: str, lines: list[int], start: int, end: int) -> Iterator[_Comment]:
    """The comments between two tokens."""
    for found in _COMMENT.finditer(text, start, end):
        line = bisect.bisect_right(lines, found.start()) - 1
        before = text[lines[line] : found.start()]
        blank = line > 0 and not text[lines[line - 1] : lines[line]].strip()
        yield _Comment(found.start(), len(before), found[0].rstrip(), alone=not before.strip(), after_blank=blank)


def _attach(tree: Tree, comment: _Comment) -> None:
    if not comment.alone:
        entry = _beside(tree.root, comment.index)
        (tree.head if entry is None else entry.beside).append(comment.text)
        return
    lines = _lines_for(tree, comment)
    if comment.after_blank and (lines or lines is not tree.head):
        lines.append("")
    lines.append(comment.text)


def _keep_blank_lines(tree: Tree, text: str) -> None:
    """Mark the entries that follow a blank line."""
    lines = [0, *(found.end() for found in _BREAK.finditer(text))]
    first = next(_entries(tree.root), None)
    for entry in _entries(tree.root):
        line = bisect.bisect_right(lines, entry.start) - 1
        alone = not text[lines[line] : entry.start].strip()
        if alone and line > 0 and not text[lines[line - 1] : lines[line]].strip():
            (tree.head if entry is first else entry.above).append("")


def _entries(node: Node) -> Iterator[Entry]:
    for entry in node.entries or []:
        yield entry
        yield from _entries(entry.value)


def _lines_for(tree: Tree, comment: _Comment) -> list[str]:
    """Where a comment on a line of its own goes."""
    path = list(_path(tree.root, comment.index))
    if not path:
        return tree.head
    inner = path[-1]
    if inner.is_flow and inner.end > comment.index:
        following = next((entry for entry in inner.entries or [] if entry.start > comment.index), None)
        return inner.foot if following is None else following.above
    blocks = [node for node in path if not node.is_flow]
    following = _following(blocks, comment.index)
    around = [node for node in blocks if node.column <= comment.column] or [tree.root]
    if following is None:
        return around[-1].foot
    if comment.column > following.column and around[-1].column > following.column:
        return around[-1].foot
    return following.above


def _path(node: Node, index: int) -> Iterator[Node]:
    """The collections that lead to what stands last before `index`; none where nothing does."""
    if node.entries is None or (node.is_flow and node.end <= index):
        return
    before = [entry for entry in node.entries if entry.start < index]
    if before or (node.is_flow and node.start < index):
        yield node
    if before:
        yield from _path(before[-1].value, index)


def _following(blocks: list[Node], index: int) -> Entry | None:
    """The next entry behind `index`: of the innermost collection that has one, or of what begins there."""
    last = next((entry for entry in reversed(blocks[-1].entries or []) if entry.start < index), None)
    if last is not None and last.value.entries and last.value.start > index:
        return last.value.entries[0]  # a list or mapping that begins below its key
    for node in reversed(blocks):
        for entry in node.entries or []:
            if entry.start > index:
                return entry
    return None


def _beside(node: Node, index: int) -> Entry | None:
    """The entry that a comment behind something belongs to; None at the document's head."""
    found: Entry | None = None
    while node.entries:
        before = [entry for entry in node.entries if entry.start < index]
        if not before:
            break
        found = before[-1]
        if found.value.start > index or (found.value.is_flow and found.value.end <= index):
            break
        node = found.value
    return found
