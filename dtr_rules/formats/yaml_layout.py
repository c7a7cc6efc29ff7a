"""A tree as YAML text in one form: two spaces, short things on one line, quotes only where they are needed.

The form depends on the data, the comments and single blank lines between entries, not on how the file was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from dtr_rules.formats.yaml_tree import Entry, Node, Tree

WIDTH: Final = 100
MAX_ON_A_LINE: Final = 4
"""How many items a list on one line may have: longer ones get a line for each, so that a change shows as one line."""
_OPEN: Final = frozenset({"rules", "tests", "silence"})
"""Lists of the root that always have a line for each entry and for each of its keys."""

_PLAIN = re.compile(r"[^\W_][^\x00-\x1f]*|[/_.][^\x00-\x1f]*")
_UNSAFE = re.compile(r":\s|:$|\s#|\s$")
_UNSAFE_IN_FLOW = re.compile(r"[,\[\]{}:?]")
_NUMBER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_YAML_1_1: Final = {  # what programs that read YAML 1.1 take for no text, such as yes and 12:30; dates they may have
    first: [pattern for tag, pattern in patterns if not tag.endswith(":timestamp")]
    for first, patterns in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def write(tree: Tree) -> str:
    """The text of `tree`."""
    _lift_comments(tree.root)
    lines = [*tree.head, *_Layout().block(tree.root, ())]
    return "".join(f"{line}\n" for line in _tidy(lines))


def _lift_comments(node: Node) -> None:
    """Comments between a dash and what it introduces have no line of their own; they go above the dash."""
    for entry in node.entries or []:
        _lift_comments(entry.value)
        if entry.key is None and entry.value.entries:
            first = entry.value.entries[0]
            entry.above += [line for line in first.above if line]
            first.above = []


def _tidy(lines: list[str]) -> Iterator[str]:
    """Without blank lines at the ends or twice in a row."""
    last = ""
    for line in lines:
        if line or last:
            yield line
        last = line


class _Layout:
    def __init__(self) -> None:
        self._written: set[str] = set()

    def block(self, node: Node, path: tuple[str | int, ...]) -> list[str]:
        """The lines of a list or mapping, without indentation."""
        lines: list[str] = []
        for number, entry in enumerate(node.entries or []):
            above = entry.above if number else [line for line in entry.above if line]
            part = entry.key if entry.key is not None else number
            lines += self._entry(entry, above, (*path, part))
        return [*lines, *node.foot]

    def _entry(self, entry: Entry, above: list[str], path: tuple[str | int, ...]) -> list[str]:
        value = entry.value
        beside = list(entry.beside)
        target = value.alias_of or value
        if target.entries == []:
            beside += [line for line in target.foot if line]
        over, behind = beside[:-1], "".join(f"  {comment}" for comment in beside[-1:])
        opening = "-" if entry.key is None else f"{scalar(entry.key, in_flow=False)}:"
        line = self._on_one_line(value, path, len(opening) + 1 + 2 * _depth(path))
        if line is not None:
            return [*above, *over, f"{opening} {line}{behind}"]
        name = target.anchor
        if name is not None:
            self._written.add(name)
            opening = f"{opening} &{name}"
        inner = self.block(target, path)
        if entry.key is not None or name is not None:
            return [*above, *over, f"{opening}{behind}", *_indented(inner)]
        comments, first, rest = _first_line(inner)
        return [*above, *beside, *comments, f"- {first}", *_indented(rest)]

    def _on_one_line(self, node: Node, path: tuple[str | int, ...], column: int) -> str | None:
        target = node.alias_of or node
        name = target.anchor
        if name is not None and name in self._written:
            return f"*{name}"
        text = self._flow(target) if target.entries is not None else scalar(target.value, in_flow=False)
        if target.entries and (text is None or column + len(text) > WIDTH or _is_open(path)):
            return None
        if text is None or name is None:
            return text
        self._written.add(name)
        return f"&{name} {text}"

    def _flow(self, node: Node) -> str | None:
        """A list or mapping on one line; None where comments, anchors or its length forbid it."""
        entries = node.entries or []
        if not entries:
            return "{}" if node.is_mapping else "[]"
        if any(node.foot) or (not node.is_mapping and len(entries) > MAX_ON_A_LINE):
            return None
        parts: list[str] = []
        for entry in entries:
            text = self._flow_value(entry)
            if text is None:
                return None
            parts.append(text if entry.key is None else f"{scalar(entry.key, in_flow=True)}: {text}")
        return f"{{{', '.join(parts)}}}" if node.is_mapping else f"[{', '.join(parts)}]"

    def _flow_value(self, entry: Entry) -> str | None:
        value = entry.value
        if any(entry.above) or entry.beside or value.anchor is not None:
            return None
        if value.alias_of is not None:
            name = value.alias_of.anchor
            return f"*{name}" if name in self._written else None
        return scalar(value.value, in_flow=True) if value.entries is None else self._flow(value)


def _is_open(path: tuple[str | int, ...]) -> bool:
    return path[0] in _OPEN and len(path) <= 2


def _depth(path: tuple[str | int, ...]) -> int:
    return len(path) - 1


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" if line else "" for line in lines]


def _first_line(lines: list[str]) -> tuple[list[str], str, list[str]]:
    """The first line that is no comment, and what stands before and behind it."""
    at = next(index for index, line in enumerate(lines) if line and not line.startswith("#"))
    return [line for line in lines[:at] if line], lines[at], lines[at + 1 :]


def scalar(value: Any, *, in_flow: bool) -> str:
    """A text, number, boolean or null of YAML."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    return text if _may_stand_plain(text, in_flow=in_flow) else _quoted(text)


def _may_stand_plain(text: str, *, in_flow: bool) -> bool:
    if not _PLAIN.fullmatch(text) or not text.isprintable() or _UNSAFE.search(text):
        return False
    if in_flow and _UNSAFE_IN_FLOW.search(text):
        return False
    if _NUMBER.fullmatch(text) or text.lower() in ("null", "true", "false", "y", "n", "..."):
        return False
    return not any(pattern.match(text) for pattern in _YAML_1_1.get(text[0], []))


def _quoted(text: str) -> str:
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable():
        return char
    code = ord(char)
    if code <= 0xFF:
        return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(char, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
